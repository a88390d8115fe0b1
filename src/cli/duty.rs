//! What deadlines are reckoned by, from the settings.

use super::args::SettingArgs;
use super::failure::usage;
use crate::calendar::{Duty, Nation, PipePeriod, Published};
use crate::movement::comparable_site;

/// Reads it once; it holds for as long as the process does, as the code lists do.
pub(super) fn of(
    args: &SettingArgs,
    nations: Vec<(String, Nation)>,
) -> anyhow::Result<&'static Duty> {
    let published = match &args.holidays {
        None => Published::default(),
        Some(path) => {
            let wrong = |what: String| {
                usage(format!("the file of bank holidays {}: {what}", path.display()))
            };
            let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
            text.parse::<Published>().map_err(|error| wrong(error.to_string()))?
        }
    };
    let duty = Duty {
        published,
        pipe_period: args.pipe_period.map(PipePeriod::from).unwrap_or_default(),
        nations: nations.into_iter().map(|(site, of)| (comparable_site(&site), of)).collect(),
    };
    Ok(Box::leak(Box::new(duty)))
}
