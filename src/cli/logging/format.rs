//! A line of the log. As JSON its fields have fixed names: `time`, `level`, `event`, `run`,
//! `reference`, then what belongs to the event, and `message` at the end.

use std::fmt::{self, Debug};
use std::sync::OnceLock;

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// The event of a line that names none.
const OTHER: &str = "note";

/// The run that the lines are of: a process has one.
static RUN: OnceLock<String> = OnceLock::new();

/// From now on, lines are of this run.
pub(in crate::cli) fn begin_run(run: &str) {
    // A second run in one process is a test's; its lines would be of the first.
    let _ = RUN.set(run.to_owned());
}

/// How lines are written.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) json: bool,
}

#[derive(Debug, Default)]
struct Fields {
    message: String,
    event: Option<String>,
    reference: Option<Value>,
    others: Vec<(String, Value)>,
}

impl Fields {
    fn take(&mut self, field: &Field, value: Value) {
        match (field.name(), &value) {
            ("message", Value::String(text)) => self.message.clone_from(text),
            ("event", Value::String(text)) => self.event = Some(text.clone()),
            ("reference", _) => self.reference = Some(value),
            (name, _) => self.others.push((camel_case(name), value)),
        }
    }

    /// All but the message, in their order.
    fn in_order(self, time: String, level: String) -> Vec<(String, Value)> {
        let named = |name: &str, value: String| (name.to_owned(), Value::String(value));
        let mut fields = vec![
            named("time", time),
            named("level", level),
            named("event", self.event.unwrap_or_else(|| OTHER.to_owned())),
        ];
        fields.extend(RUN.get().map(|run| named("run", run.clone())));
        fields.extend(self.reference.map(|reference| ("reference".to_owned(), reference)));
        fields.extend(self.others);
        fields.push(named("message", self.message));
        fields
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, Value::String(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, Value::String(value.to_owned()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value.into());
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        self.take(field, Value::String(value.to_string()));
    }
}

/// Names in the style of every other JSON of this program.
fn camel_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for (index, part) in name.split('_').enumerate() {
        match part.split_at_checked(1) {
            Some((first, rest)) if index > 0 => {
                out.push_str(&first.to_ascii_uppercase());
                out.push_str(rest);
            }
            _ => out.push_str(part),
        }
    }
    out
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let time = format!("{:.3}", jiff::Timestamp::now());
        let level = event.metadata().level().to_string();
        if self.json {
            json(&mut writer, &fields.in_order(time, level.to_ascii_lowercase()))
        } else {
            text(&mut writer, &fields, &time, &level)
        }
    }
}

fn json(writer: &mut Writer<'_>, fields: &[(String, Value)]) -> fmt::Result {
    let mut before = '{';
    for (name, value) in fields {
        write!(writer, "{before}\"{name}\":{value}")?;
        before = ',';
    }
    writeln!(writer, "}}")
}

/// `2026-11-21T21:00:00.000Z  INFO answered WB-1: accepted (method=POST attempt=1)`
fn text(writer: &mut Writer<'_>, fields: &Fields, time: &str, level: &str) -> fmt::Result {
    write!(writer, "{time} {level:>5} ")?;
    let shown = |value: &Value| match value {
        Value::String(text) => text.replace(['\n', '\r'], " "),
        other => other.to_string(),
    };
    if let Some(reference) = &fields.reference {
        write!(writer, "{}: ", shown(reference))?;
    }
    write!(writer, "{}", fields.message.replace(['\n', '\r'], " "))?;
    let run = RUN.get().map(|run| ("run".to_owned(), Value::String(run.clone())));
    let mut before = " (";
    for (name, value) in fields.others.iter().chain(&run) {
        write!(writer, "{before}{name}={}", shown(value))?;
        before = " ";
    }
    writeln!(writer, "{}", if before == " " { ")" } else { "" })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn logged(json: bool, log: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .event_format(Lines { json })
            .finish();
        tracing::subscriber::with_default(subscriber, log);
        let bytes = kept.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn answered() {
        tracing::info!(
            event = "answered",
            reference = "A \"1\"\n2",
            status = 201_u16,
            waste_tracking_id = "26B",
            "accepted"
        );
    }

    #[test]
    fn a_json_line_has_fixed_names_in_a_fixed_order() {
        let line = logged(true, answered);
        assert_eq!(line.lines().count(), 1, "{line}");
        let read: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(read["reference"], "A \"1\"\n2");
        assert_eq!((&read["status"], &read["wasteTrackingId"]), (&201.into(), &"26B".into()));
        let place = |name: &str| line.find(&format!("\"{name}\":")).expect("a field");
        let order = ["time", "level", "event", "reference", "status", "wasteTrackingId", "message"];
        assert!(order.map(place).is_sorted(), "{line}");
        let other = logged(true, || tracing::warn!(why = %"busy", "token endpoint is busy"));
        assert!(other.contains("\"event\":\"note\"") && other.contains("\"why\":\"busy\""));
    }

    #[test]
    fn a_line_of_text_is_one_line() {
        let line = logged(false, answered);
        assert_eq!(line.lines().count(), 1, "{line}");
        assert!(
            line.contains(" INFO A \"1\" 2: accepted (status=201 wasteTrackingId=26B"),
            "{line}"
        );
        let bare = logged(false, || tracing::info!("alone"));
        assert!(bare.contains("INFO alone"), "{bare}");
    }

    #[test]
    fn names_are_in_camel_case() {
        assert_eq!(camel_case("waste_tracking_id"), "wasteTrackingId");
        assert_eq!(camel_case("status"), "status");
    }
}
