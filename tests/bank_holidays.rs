//! The rules for bank holidays against a table that others made.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};
use waste_receipts::calendar::{Nation, is_bank_holiday};

fn table() -> BTreeSet<(Nation, Date)> {
    let rows = include_str!("bank_holidays.tsv").lines().filter(|line| !line.starts_with('#'));
    let parse = |row: &str| {
        let mut cells = row.split('\t');
        let nation = Nation::parse(cells.next()?)?;
        Some((nation, cells.next()?.parse().ok()?))
    };
    rows.map(|row| parse(row).unwrap_or_else(|| panic!("not a row: {row}"))).collect()
}

#[test]
fn five_years_of_weekdays_in_three_nations() {
    let table = table();
    let mut day = date(2024, 1, 1);
    while day < date(2029, 1, 1) {
        // Days that fall on a weekend are no working days anyway; only substitutes matter.
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        for nation in Nation::ALL.into_iter().filter(|_| !weekend) {
            let expected = table.contains(&(nation, day));
            assert_eq!(is_bank_holiday(day, nation), expected, "{day} in {}", nation.as_str());
        }
        day += 1.day();
    }
    let of = |nation| table.iter().filter(|(of, _)| *of == nation).count();
    assert!(Nation::ALL.into_iter().all(|nation| of(nation) >= 40), "the table is whole");
}
