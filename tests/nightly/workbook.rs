//! The government's template through the whole program: the same movements as from CSV.

use std::fmt::Write as _;
use std::io::{Cursor, Read as _, Write as _};

use serde_json::Value;
use waste_receipts::sandbox::Options;

use crate::site::{Site, movements_csv, text};
use crate::template::{FIRST, Template, date_format, moment, movement_column};

const MOVEMENTS: usize = 500;
const ITEMS: usize = 1_400;

/// The columns of the CSV, in an order of their own.
const HEADER: &str = "yourUniqueReference,dateTimeReceived,receiver.siteName,\
    receiver.authorisationNumber,receiver.regulatoryPositionStatements,\
    receipt.address.fullAddress,receipt.address.postcode,carrier.organisationName,\
    carrier.registrationNumber,carrier.reasonForNoRegistrationNumber,carrier.meansOfTransport,\
    carrier.vehicleRegistration,wasteItems.ewcCodes,wasteItems.wasteDescription,\
    wasteItems.physicalForm,wasteItems.numberOfContainers,wasteItems.typeOfContainers,\
    wasteItems.weight.amount,wasteItems.weight.metric,wasteItems.weight.isEstimate,\
    wasteItems.containsPops,wasteItems.pops.sourceOfComponents,wasteItems.pops.components,\
    wasteItems.containsHazardous,wasteItems.disposalOrRecoveryCodes\n";

/// The same data twice: as the template, as people fill it in, and as CSV.
struct Data {
    template: Template,
    csv: String,
    row: u32,
    item_row: u32,
}

impl Data {
    fn new() -> Self {
        let template = Template::new();
        let mut data = Data { template, csv: HEADER.to_owned(), row: FIRST, item_row: FIRST };
        for number in 0..MOVEMENTS {
            let items = if number % 5 == 0 { 2 } else { 3 };
            data.movement(number, items);
        }
        data
    }

    fn movement(&mut self, number: usize, items: usize) {
        let reference = format!("W-{number:05}");
        let (hour, minute) = (6 + number / 60, number % 60);
        let (day, iso) =
            if number.is_multiple_of(2) { ("05", "2026-10-05") } else { ("11", "2026-11-11") };
        let month = &iso[5..7];
        let time = format!("{hour:02}:{minute:02}:00");
        let written = format!("{day}/{month}/2026 {time}");
        self.template.good_movement(self.row, &reference);
        if number.is_multiple_of(3) {
            let (at, column) =
                (moment(&format!("{iso}T{time}")), movement_column("dateTimeReceived"));
            let sheet = &mut self.template.movements;
            sheet.write_with_format(self.row - 1, column, &at, &date_format()).expect("a cell");
        } else {
            self.template.movement(self.row, "dateTimeReceived", written.as_str());
        }
        let by_person = number.is_multiple_of(7);
        if by_person {
            self.template.movement(self.row, "carrier.registrationNumber", " ");
            self.template.movement(self.row, "carrier.reasonForNoRegistrationNumber", "household");
        }
        self.template.movement(self.row, "receiver.regulatoryPositionStatements", 241);
        for name in ["carrier.emailAddress", "carrier.phoneNumber"] {
            self.template.movement(self.row, name, " ");
        }
        let (registration, reason) = if by_person { ("", "HOUSEHOLD") } else { ("CBDU48213", "") };
        for item in 0..items {
            let of_movement = format!(
                "{written},Larkmoor Transfer Station,EPR/KB3107TT,241,\"4 Larkmoor Way, Testford\",\
                 QV7 3LD,Fenwick Haulage Example Ltd,{registration},{reason},Road,RG19 XTP"
            );
            let of_movement = if item == 0 { of_movement } else { ",".repeat(10) };
            let of_item = self.item(&reference, number, item);
            writeln!(self.csv, "{reference},{of_movement},{of_item}").expect("memory");
        }
        self.row += 1;
    }

    /// Writes an item into the template; gives its cells in CSV.
    fn item(&mut self, reference: &str, number: usize, item: usize) -> String {
        let row = self.item_row;
        self.item_row += 1;
        let template = &mut self.template;
        template.good_item(row, reference);
        let description = format!("Load {number}, \u{a3}{item}\nof timber");
        template.item(row, "wasteItems.wasteDescription", description.as_str());
        let weight = f64::from(u32::try_from(number * 3 + item).expect("small") + 1) / 8.0;
        template.item(row, "wasteItems.weight.amount", weight);
        template.item(row, "wasteItems.weight.isEstimate", item == 1);
        template.item(row, "wasteItems.typeOfContainers", "[SKI] Skip");
        // An EWC code as a number, with and without the zero that a number cannot have.
        let ewc = if item == 2 { "020107" } else { "170201" };
        template.item(row, "wasteItems.ewcCodes", ewc.parse::<u32>().expect("digits"));
        let pops = item == 1;
        template.item(row, "wasteItems.containsPops", if pops { "Yes" } else { "no " });
        let (source, components) =
            if pops { ("GUIDANCE", "DECABDE = 1,200; PCB = 3.5") } else { ("", "") };
        if pops {
            template.item(row, "wasteItems.pops.sourceOfComponents", "guidance");
            template.item(row, "wasteItems.pops.components", "DECABDE=1200 ;\nPCB = 3.50;");
        }
        template.item(row, "wasteItems.disposalOrRecoveryCodes", "r_03 = 3.46 = T = act;");
        format!(
            "{ewc},\"{description}\",Solid,1,SKI,{weight},Tonnes,{},{pops},{source},\"{components}\",\
             false,R3 = 3.46 = Tonnes = Actual",
            item == 1
        )
    }
}

/// What the sandbox stored, by reference.
fn stored(site: &Site) -> Vec<(String, String)> {
    let movements = site.stored().movements;
    let mut bodies: Vec<(String, String)> = movements
        .into_iter()
        .map(|movement| {
            let reference = movement.your_unique_reference.expect("a reference");
            (reference, movement.body.to_string())
        })
        .collect();
    bodies.sort();
    bodies
}

#[test]
fn five_hundred_movements_are_the_same_as_from_csv() {
    let data = Data::new();
    assert_eq!(usize::try_from(data.item_row - FIRST).expect("small"), ITEMS);
    let (as_csv, as_workbook) = (Site::new(Options::default()), Site::new(Options::default()));
    let csv = as_csv.write("week.csv", &data.csv);
    let workbook = as_workbook.path("week.xlsx");
    std::fs::write(&workbook, data.template.bytes()).expect("a file");
    let checked = as_workbook.run(&["check", text(&workbook)]);
    assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
    for (site, file) in [(&as_csv, &csv), (&as_workbook, &workbook)] {
        let (summary, ran) = site.json(&["submit", text(file), "--json", "--rate", "2000"]);
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        assert_eq!(summary["accepted"], MOVEMENTS, "{summary}");
    }
    let (from_csv, from_workbook) = (stored(&as_csv), stored(&as_workbook));
    assert_eq!(from_csv.len(), MOVEMENTS);
    let items: usize = from_csv.iter().map(|(_, body)| body.matches("\"ewcCodes\"").count()).sum();
    assert_eq!(items, ITEMS);
    for (csv, workbook) in from_csv.iter().zip(&from_workbook) {
        assert_eq!(csv, workbook);
    }
    // Read again, nothing is sent again, whichever of the two it comes from.
    let (summary, _) = as_workbook.json(&["submit", text(&workbook), "--json"]);
    assert_eq!((&summary["skipped"], &summary["accepted"]), (&MOVEMENTS.into(), &0.into()));
    let csv = as_workbook.write("week.csv", &data.csv);
    let (summary, _) = as_workbook.json(&["submit", text(&csv), "--json"]);
    assert_eq!(summary["skipped"], MOVEMENTS);
    as_csv.close();
    as_workbook.close();
}

#[test]
fn findings_name_sheet_and_cell_wherever_they_are_shown() {
    let site = Site::new(Options::default());
    let mut template = Template::one();
    template.item(FIRST, "wasteItems.disposalOrRecoveryCodes", "R3 = 3 = t");
    template.good_item(FIRST + 1, "nobody");
    let file = site.path("wrong.xlsx");
    std::fs::write(&file, template.bytes()).expect("a file");
    let cell = "8. Waste item level!R9";
    let checked = site.run(&["check", text(&file)]);
    assert_eq!(checked.code, Some(3));
    for line in [
        "\nA1, row 9 of 7. Waste movement level\n".to_owned(),
        format!(" [{cell}; wasteItems.0.disposalOrRecoveryCodes]\n"),
        "\nrow 10 of 8. Waste item level (no reference)\n".to_owned(),
        " [8. Waste item level!B10; yourUniqueReference]\n".to_owned(),
    ] {
        assert!(checked.out.contains(&line), "{line}{}", checked.out);
    }
    let dry = site.run(&["submit", "--dry-run", text(&file)]);
    assert!(dry.out.contains(cell), "{}", dry.out);
    let json = site.run(&["check", "--json", text(&file)]);
    let first: Value =
        serde_json::from_str(json.out.lines().next().expect("a line")).expect("JSON");
    let error = &first["errors"][0];
    assert_eq!((&error["line"], &error["column"]), (&9.into(), &18.into()));
    assert_eq!(
        (error["sheet"].as_str(), error["cell"].as_str()),
        (cell.split('!').next(), Some("R9"))
    );
    let sent = site.run(&["submit", text(&file)]);
    assert_eq!(sent.code, Some(3));
    assert!(
        sent.out.contains(cell) && sent.out.contains("8. Waste item level!B10"),
        "{}",
        sent.out
    );
    assert!(site.run(&["list"]).out.contains(cell));
    let kept = &site.movements()[0]["findings"][0];
    assert_eq!(
        (kept["sheet"].as_str(), kept["cell"].as_str()),
        (cell.split('!').next(), Some("R9"))
    );
    // Corrected, it is sent.
    std::fs::write(&file, Template::one().bytes()).expect("a file");
    let (summary, _) = site.json(&["submit", text(&file), "--json"]);
    assert_eq!(summary["accepted"], 1, "{summary}");
}

/// A workbook's part, as another text.
fn patched(bytes: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    let mut out = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut found = false;
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).expect("a part");
        let name = file.name().expect("a name").into_owned();
        let mut text = Vec::new();
        file.read_to_end(&mut text).expect("a part");
        if name == part {
            let whole = String::from_utf8(text).expect("XML");
            found = whole.contains(from);
            text = whole.replace(from, to).into_bytes();
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).expect("a part");
        out.write_all(&text).expect("memory");
    }
    assert!(found, "{from} is not in {part}");
    out.finish().expect("an archive").into_inner()
}

#[test]
fn what_was_refused_comes_back_as_the_template_and_is_sent_once_corrected() {
    let site = Site::new(Options::default());
    let csv = movements_csv(1, 5).replacen(",150106,", ",999999,", 1);
    let file = site.write("week.csv", &csv);
    let (summary, _) = site.json(&["submit", text(&file), "--json"]);
    assert_eq!((&summary["accepted"], &summary["invalid"]), (&4.into(), &1.into()));
    let out = site.path("to-correct.xlsx");
    let exported = site.run(&["export", "--out", text(&out)]);
    assert_eq!(exported.code, Some(0), "{}", exported.err);
    assert!(exported.err.contains("1 movement: "), "{}", exported.err);
    let bytes = std::fs::read(&out).expect("a workbook");
    let mut book: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(&bytes)).expect("xlsx");
    let sheet = calamine::Reader::worksheet_range(&mut book, "8. Waste item level").expect("it");
    let cell = |row, column| sheet.get_value((row, column)).map(ToString::to_string);
    assert_eq!(cell(5, 2).as_deref(), Some("EWC code"));
    assert_eq!(cell(8, 1).as_deref(), Some("T-000001"));
    let errors = cell(8, 0).expect("errors");
    assert!(errors.contains("\"999999\" is not on the list"), "{errors}");
    // As it is, it is known; corrected, it is sent.
    let (summary, _) = site.json(&["submit", text(&out), "--json"]);
    assert_eq!((&summary["read"], &summary["invalid"]), (&1.into(), &1.into()), "{summary}");
    assert_eq!(site.movements().len(), 5);
    let corrected = patched(&bytes, "xl/sharedStrings.xml", ">999999<", ">150106<");
    std::fs::write(&out, corrected).expect("a file");
    let (summary, ran) = site.json(&["submit", text(&out), "--json"]);
    assert_eq!((ran.code, &summary["accepted"]), (Some(0), &1.into()), "{summary}");
    // What was accepted comes back with its waste tracking IDs, and is not sent again.
    let all = site.path("all.xlsx");
    let exported =
        site.run(&["export", "--state", "accepted", "--format", "xlsx", "--out", text(&all)]);
    assert_eq!(exported.code, Some(0), "{}", exported.err);
    let (summary, _) = site.json(&["submit", text(&all), "--json"]);
    assert_eq!((&summary["read"], &summary["skipped"]), (&5.into(), &5.into()), "{summary}");
    // One that is changed there is a correction of the movement with this ID.
    let bytes = std::fs::read(&all).expect("a workbook");
    let changed = patched(&bytes, "xl/sharedStrings.xml", "Mixed packaging", "Mixed plastic");
    std::fs::write(&all, changed).expect("a file");
    let (summary, _) = site.json(&["submit", text(&all), "--on-change", "update", "--json"]);
    assert_eq!(summary["accepted"], 5, "{summary}");
    assert!(site.stored().movements.iter().all(|movement| movement.updates == 1));
    assert_eq!(site.stored().movements.len(), 5);
    site.close();
}

#[test]
fn an_item_without_a_movement_comes_back_with_its_reference_and_finds_its_movement() {
    let site = Site::new(Options::default());
    let mut template = Template::new();
    template.good_movement(FIRST, "A1");
    template.good_item(FIRST, "nobody");
    let file = site.path("week.xlsx");
    std::fs::write(&file, template.bytes()).expect("a file");
    let results = site.path("results");
    let sent = site.run(&["submit", text(&file), "--results", text(&results)]);
    assert_eq!(sent.code, Some(3), "{}", sent.err);
    assert!(sent.err.contains("to-correct.xlsx"), "{}", sent.err);
    let out = site.path("to-correct.xlsx");
    let exported = site.run(&["export", "--out", text(&out)]);
    let told = "1 movement and 1 row without a movement or a reference: ";
    assert!(exported.err.contains(told), "{}", exported.err);
    let bytes = std::fs::read(&out).expect("a workbook");
    let of_run = std::fs::read(results.join("to-correct.xlsx")).expect("a workbook");
    for bytes in [&bytes, &of_run] {
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(Cursor::new(bytes)).expect("xlsx");
        let sheet = calamine::Reader::worksheet_range(&mut book, "8. Waste item level");
        let sheet = sheet.expect("it");
        let cell = |at| sheet.get_value((8, at)).map(ToString::to_string).unwrap_or_default();
        assert_eq!(cell(1), "nobody");
        assert!(cell(0).contains("no movement"), "{}", cell(0));
    }
    let corrected = patched(&bytes, "xl/sharedStrings.xml", ">nobody<", ">A1<");
    std::fs::write(&out, corrected).expect("a file");
    let (summary, ran) = site.json(&["submit", text(&out), "--json"]);
    assert_eq!((ran.code, &summary["accepted"]), (Some(0), &1.into()), "{summary}");
    site.close();
}
