//! The tables, compiled in.

use std::collections::{HashMap, HashSet};

use crate::fold::BuildFold;

use super::table::Table;
use super::{Codes, Entry, EwcKind, List};

const EWC: &str = include_str!("../../data/reference/ewc_codes.csv");
const TABLES: [(List, &str); 10] = [
    (List::ContainerTypes, include_str!("../../data/reference/container_types.csv")),
    (List::HazardousProperties, include_str!("../../data/reference/haz_codes.csv")),
    (List::PopNames, include_str!("../../data/reference/pop_codes.csv")),
    (List::DisposalOrRecovery, include_str!("../../data/reference/treatment_codes.csv")),
    (List::PhysicalForms, include_str!("../../data/reference/physical_forms.csv")),
    (List::MeansOfTransport, include_str!("../../data/reference/means_of_transport.csv")),
    (List::WeightMetrics, include_str!("../../data/reference/weight_metrics.csv")),
    (List::SourcesOfComponents, include_str!("../../data/reference/source_of_components.csv")),
    (
        List::ReasonsForNoRegistration,
        include_str!("../../data/reference/reasons_for_no_registration_number.csv"),
    ),
    (
        List::ReasonsForNoConsignment,
        include_str!("../../data/reference/reasons_for_no_consignment_code.csv"),
    ),
];
const DOMAINS: &str = include_str!("../../data/reference/email_tlds.txt");

/// The lists whose second column says in words what a code stands for.
const WITH_MEANING: [List; 2] = [List::HazardousProperties, List::PopNames];

pub(super) fn embedded() -> Codes {
    let mut lists = HashMap::new();
    for (list, table) in TABLES {
        let with_meaning = WITH_MEANING.contains(&list);
        let entry = |row: &[&str]| Entry {
            code: row[0].to_owned(),
            meaning: row.get(1).filter(|_| with_meaning).map_or_else(String::new, |m| (*m).into()),
        };
        lists.insert(
            list,
            rows(table).iter().map(|row| entry(&row.iter().collect::<Vec<_>>())).collect(),
        );
    }
    let operators = ["<", ">"].map(|code| Entry { code: code.into(), meaning: String::new() });
    lists.insert(List::ConcentrationOperators, operators.into());
    let ewc_rows = rows(EWC);
    let ewc = ewc_rows.iter().map(|row| (row[0].into(), kind(&row[2]))).collect();
    let codes = ewc_rows.iter().map(|row| Entry { code: row[0].into(), meaning: String::new() });
    lists.insert(List::Ewc, codes.collect());
    let lists = List::ALL.map(|list| lists.remove(&list).unwrap_or_default()).into();
    let mut codes =
        Codes { lists, places: Vec::new(), likenesses: Vec::new(), ewc, twins: Table::default() };
    codes.index();
    codes
}

pub(super) fn top_level_domains() -> HashSet<&'static str, BuildFold> {
    DOMAINS.lines().map(str::trim).filter(|domain| !domain.is_empty()).collect()
}

/// The rows of a table that is part of the program.
fn rows(table: &str) -> Vec<csv::StringRecord> {
    csv::Reader::from_reader(table.as_bytes())
        .records()
        .collect::<Result<_, _>>()
        .expect("the built-in tables are well-formed: a test reads them all")
}

fn kind(word: &str) -> EwcKind {
    match word {
        "absolute_hazardous" => EwcKind::AbsoluteHazardous,
        "mirror_hazardous" => EwcKind::MirrorHazardous,
        "mirror_non_hazardous" => EwcKind::MirrorNonHazardous,
        _ => EwcKind::AbsoluteNonHazardous,
    }
}
