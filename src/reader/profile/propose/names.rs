//! What weighbridge software calls its columns.
//!
//! Must not know: files, what stands in the columns.

/// What a column of somebody else's file may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// What one of our fields is taken from as it is.
    Field(&'static str),
    /// The day, or day and time.
    Date,
    /// The time alone.
    Time,
    /// The weight of the loaded vehicle.
    Gross,
    /// That of the empty one.
    Tare,
    /// The difference.
    Net,
    /// The unit of the weights.
    Unit,
    /// What is done with the waste, by its code alone.
    Disposal,
    /// A number of somebody else's for the load.
    Order,
    /// Whether the row counts: void tickets and the like.
    Status,
    /// Whether the load came or went.
    Direction,
    /// Nothing that the service asks for.
    Nothing,
}

use Role::{
    Date, Direction, Disposal, Field, Gross, Net, Nothing, Order, Status, Tare, Time, Unit,
};

/// Names, in small letters without marks, separated by bars. Those that stand first are the surer
/// ones.
const NAMES: &[(Role, &str)] = &[
    (
        Field("yourUniqueReference"),
        "ticket no | ticket number | ticket | ticket id | ticket ref | docket | docket no | \
         docket number | weighbridge ticket | wb ticket | wb ticket no | weighing no | slip \
         no | slip number | transaction no | transaction number | transaction id | \
         transaction | load no | load number | load id | load ref | wtn | wtn no | wtn number \
         | note no | note number | conveyance note | your unique reference | unique reference \
         | your reference | movement ref | movement reference | record no | serial no | \
         reference | ref | ref no | tkt | tkt no | tkt number | ticket nr | weighing",
    ),
    (
        Date,
        "date time in | date in | date and time received | date received | datetime in | \
         arrival date | in date | received | date and time | date time | datetime | arrived | \
         ticket date | weighed in | load date | transaction date | delivery date | weigh date \
         | date | timestamp | arrival",
    ),
    (Time, "time in | in time | time received | arrival time | ticket time | weigh time | time"),
    (
        Nothing,
        "date out | time out | out date | out time | date time out | datetime out | customer \
         | customer name | customer code | account | account no | account name | driver | \
         driver name | operator | user | clerk | weighed by | price | rate | value | vat | \
         invoice | invoice no | charge | notes | comments | remarks | printed | producer | \
         origin | source | product code | material code | site code | haulier code",
    ),
    (
        Field("wasteItems.ewcCodes"),
        "ewc code | ewc | ewc codes | low code | low | ewc low | ewc low code | list of waste \
         | waste code | european waste code | ewc no | ewc number | list of waste code | \
         waste catalogue code",
    ),
    (
        Field("wasteItems.wasteDescription"),
        "waste description | material | product | description | waste type | product \
         description | material description | product name | material name | waste | \
         commodity | grade | type of waste | goods",
    ),
    (Gross, "gross | gross weight | gross wt | weight in | first weight | 1st weight | gross mass"),
    (Tare, "tare | tare weight | tare wt | weight out | second weight | 2nd weight | tare mass"),
    (
        Net,
        "net | net weight | net wt | nett | nett weight | nett wt | net mass | weight | \
         tonnage | net tonnes | net kg | quantity | qty | total weight | total weight of \
         waste | tonnes",
    ),
    (Unit, "unit | uom | units | weight unit | unit of measure | weight uom"),
    (
        Field("carrier.organisationName"),
        "haulier | haulier name | carrier | carrier name | transporter | haulage company | \
         haulage contractor | transport company | hauler | carrier organisation name | \
         contractor",
    ),
    (
        Field("carrier.registrationNumber"),
        "carrier registration number | carrier reg | carrier licence | carrier reg no | \
         carriers licence | carrier licence no | waste carrier | waste carrier licence | wcl \
         | wcl no | carrier no | haulier licence | haulier reg | carrier registration | cbdu \
         | carriers reg",
    ),
    (
        Field("carrier.vehicleRegistration"),
        "vehicle registration | vehicle reg | reg | reg no | vrn | vrm | registration | \
         vehicle | vehicle no | vehicle reg no | lorry | lorry reg | truck | plate | vehicle \
         id | reg number",
    ),
    (
        Field("carrier.meansOfTransport"),
        "means of transport | transport mode | mode of transport | mode | vehicle type | \
         transport type",
    ),
    (
        Field("carrier.address.fullAddress"),
        "haulier address | carrier address | transporter address",
    ),
    (
        Field("carrier.address.postcode"),
        "haulier postcode | carrier postcode | carrier post code | haulier post code",
    ),
    (Field("carrier.emailAddress"), "haulier email | carrier email | carrier e mail"),
    (
        Field("carrier.phoneNumber"),
        "haulier phone | carrier phone | haulier tel | carrier tel | haulier telephone",
    ),
    (Field("brokerOrDealer.organisationName"), "broker | broker name | dealer | broker or dealer"),
    (
        Field("brokerOrDealer.registrationNumber"),
        "broker reg | broker licence | broker registration | broker reg no",
    ),
    (
        Field("receiver.siteName"),
        "site name | site | depot | facility | receiving site | location | weighbridge | \
         destination | yard",
    ),
    (
        Field("receiver.authorisationNumber"),
        "permit no | permit number | permit | epr | epr permit | site permit | environmental \
         permit | wml | wml no | site licence | authorisation number | permit ref",
    ),
    (Field("receipt.address.fullAddress"), "site address | receiving address | depot address"),
    (Field("receipt.address.postcode"), "site postcode | site post code | depot postcode"),
    (Field("receiver.emailAddress"), "site email | receiver email"),
    (Field("receiver.phoneNumber"), "site phone | site tel | receiver phone number"),
    (Field("wasteItems.physicalForm"), "physical form | form | consistency"),
    (
        Field("wasteItems.typeOfContainers"),
        "container type | type of containers | container | skip type | skip | skip size | bin \
         type | packaging | container size",
    ),
    (
        Field("wasteItems.numberOfContainers"),
        "number of containers | no of containers | containers | container qty | no containers \
         | number of containers used | container count",
    ),
    (
        Field("wasteItems.containsHazardous"),
        "hazardous | haz | is hazardous | hazardous waste | haz y n",
    ),
    (Field("wasteItems.containsPops"), "pops | contains pops | pop"),
    (
        Field("wasteItems.weight.isEstimate"),
        "estimated | is estimate | estimate | weight estimated",
    ),
    (
        Field("wasteItems.hazardous.hazCodes"),
        "hp codes | hazard codes | haz codes | hp code | haz code",
    ),
    (
        Field("hazardousWasteConsignmentCode"),
        "consignment code | consignment note | consignment no | consignment note no | hwcn | \
         consignment number",
    ),
    (
        Field("specialHandlingRequirements"),
        "special handling | handling instructions | special handling requirement",
    ),
    (
        Disposal,
        "disposal code | recovery code | r d code | d r code | rd code | treatment code | \
         disposal recovery code | r d | process code",
    ),
    (
        Order,
        "po | po number | po no | order no | order number | purchase order | job no | job \
         number | customer order | customer ref",
    ),
    (Status, "status | void | cancelled | ticket status | deleted"),
    (
        Direction,
        "direction | dir | in out | i o | in or out | movement type | transaction type | load type | ticket type",
    ),
];

/// What a name says, surest first: each role with how sure it is, from 1 to 100.
pub(super) fn roles(title: &str) -> Vec<(Role, u32)> {
    let plain = plain(title);
    // `Gross kg` is `Gross`.
    let bare = plain.rsplit_once(' ').filter(|(_, last)| unit(last).is_some());
    let bare = bare.map_or(plain.as_str(), |(bare, _)| bare);
    let mut found: Vec<(Role, u32)> = Vec::new();
    for (role, names) in NAMES {
        let names = || names.split('|').map(str::trim);
        let exact = names().position(|name| name == plain || name == bare);
        let exact = exact.map(|at| 100 - u32::try_from(at).unwrap_or(60).min(60));
        let near = || {
            // `Haulier Name 1` and `Vehicle Registration Mark` are what they begin with.
            let begins = names().any(|name| {
                name.len() >= 4
                    && plain.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '))
            });
            begins.then_some(30)
        };
        if let Some(sure) = exact.or_else(near) {
            found.push((*role, sure));
        }
    }
    found.sort_by_key(|(_, sure)| std::cmp::Reverse(*sure));
    found
}

/// A title in small letters, without what stands in brackets and without marks.
fn plain(title: &str) -> String {
    let title = title.split(['(', '[']).next().unwrap_or(title);
    let mut spaced = String::with_capacity(title.len());
    let mut letters = title.chars().peekable();
    let mut before = ' ';
    while let Some(letter) = letters.next() {
        // `TicketNo` is two words, `VRN` and `LoW` are one each.
        let begins =
            letter.is_uppercase() && letters.peek().is_some_and(|next| next.is_lowercase());
        if begins && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(if letter.is_alphanumeric() { letter } else { ' ' });
        before = letter;
    }
    spaced.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The unit that a title names: `Net (kg)`, `Net Tonnes`.
pub(super) fn unit(title: &str) -> Option<&'static str> {
    let lower = title.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.find_map(|word| match word {
        "kg" | "kgs" | "kilos" | "kilograms" => Some("kg"),
        "t" | "te" | "tonne" | "tonnes" => Some("t"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::fields;

    #[test]
    fn every_field_is_one_and_every_name_is_plain() {
        for (role, names) in NAMES {
            if let Field(path) = role {
                assert!(fields::field(path).is_some_and(fields::Field::is_column), "{path}");
            }
            for name in names.split('|').map(str::trim) {
                assert_eq!(plain(name), name);
            }
        }
    }

    #[test]
    fn titles_of_all_kinds_are_recognised() {
        let first = |title: &str| roles(title).first().map(|(role, _)| *role);
        for (title, role) in [
            ("Ticket No.", Some(Field("yourUniqueReference"))),
            ("TicketNo", Some(Field("yourUniqueReference"))),
            ("DOCKET", Some(Field("yourUniqueReference"))),
            ("EWC/LoW Code", Some(Field("wasteItems.ewcCodes"))),
            ("VRN", Some(Field("carrier.vehicleRegistration"))),
            ("Nett Wt (kg)", Some(Net)),
            ("Gross kg", Some(Gross)),
            ("Time In", Some(Time)),
            ("Haulier Name 1", Some(Field("carrier.organisationName"))),
            ("Colour", None),
        ] {
            assert_eq!(first(title), role, "{title}");
        }
        assert_eq!(unit("Nett Wt (kg)"), Some("kg"));
        assert_eq!(unit("Net Tonnes"), Some("t"));
        assert_eq!(unit("Tare"), None);
    }
}
