//! The e-mail with which the certification is sent, as far as a program can write it.

use std::fmt::Write as _;

use super::Evidence;

/// The text of the e-mail, with what only a person knows in square brackets.
pub fn letter(evidence: &Evidence) -> String {
    let mut text = String::from("Subject: Production approval: Receipt of Waste API\n\n");
    let submission = evidence.submission_id().unwrap_or("(none was given)");
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "Hello,\n\n\
         we ask for production credentials for the Receipt of Waste API.\n\n\
         Organisation:        [your organisation]\n\
         Contact:             [name, e-mail address, telephone number]\n\
         Software:            waste-receipts {version}\n\
         Test environment:    {api_url}\n\
         Tests run:           {begun} to {ended}\n\
         Test submission ID:  {submission}\n\n\
         Scenario  Waste tracking ID  Time (UTC)            Result\n",
        version = evidence.version,
        api_url = evidence.api_url,
        begun = evidence.begun_at,
        ended = evidence.ended_at,
    );
    for shown in &evidence.scenarios {
        let id = shown.waste_tracking_id.as_deref().unwrap_or("(refused)");
        let at = shown.sent_at.map_or_else(String::new, |at| format!("{at:.0}"));
        let result = if shown.passed { "Pass" } else { "Fail" };
        let _ = writeln!(text, "{:<10}{id:<19}{at:<22}{result}", shown.scenario_id);
    }
    text.push_str(
        "\nC01 and H02 are scenarios in which the movement must be refused: they have no waste \
         tracking\nID, and the time of the attempt stands in its place. The whole of what was sent \
         and answered is\nattached (evidence.html, evidence.json).\n\n\
         We certify that these results are those of the software named above, and that only \
         made-up\nnames and contacts were sent to the test environment.\n\n\
         [name, position]\n",
    );
    text
}
