//! A workbook's bytes before anything reads them: what they are, and whether they stay in bounds.
//!
//! An `.xlsx` file is a zip archive of XML, which can unpack to a thousand times its size. Each part
//! is unpacked once here, into nothing, through a counter, so that what reads it later cannot be
//! made to take all the memory of the machine. Must not know: sheets, cells.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::problem::WorkbookProblem;
use crate::reader::error::Problem;

/// The largest file that is read, in bytes.
pub(super) const MAX_FILE: u64 = 64 * MIB;
/// The most that all its parts together may unpack to.
const MAX_UNPACKED: u64 = 512 * MIB;
/// The most that one part may unpack to, other than a sheet.
const MAX_PART: u64 = 128 * MIB;
/// The most parts.
const MAX_PARTS: usize = 5_000;
/// A part that unpacks to more than [`ROOM`] may be so many times the size of what is packed.
const MAX_RATIO: u64 = 300;
const ROOM: u64 = 16 * MIB;
/// The most texts that the workbook's cells share: as many as a sheet has rows, four times.
const MAX_STRINGS: usize = 4 * 1_048_576;
/// The most cell formats; Excel itself has room for 65,490.
const MAX_FORMATS: usize = 200_000;

const MIB: u64 = 1_048_576;

const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// Whether bytes begin as those of a workbook do, of whatever kind.
pub(in crate::reader) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(COMPOUND)
}

/// The bytes of a workbook, if they are one that can be read.
pub(super) fn read(source: impl Read) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    source.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.is_empty() {
        return Err(Problem::Empty);
    }
    if bytes.len() as u64 > MAX_FILE {
        return Err(too_large("the file itself", format!("{} MiB", MAX_FILE / MIB)).into());
    }
    recognise(&bytes)?;
    inspect(&bytes)?;
    Ok(bytes)
}

fn too_large(what: impl Into<String>, most: String) -> WorkbookProblem {
    WorkbookProblem::TooLarge { what: what.into(), most }
}

/// What the first bytes tell.
fn recognise(bytes: &[u8]) -> Result<(), WorkbookProblem> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Ok(());
    }
    if bytes.starts_with(COMPOUND) {
        return Err(compound(bytes));
    }
    if bytes.starts_with(b"PK") {
        return Err(WorkbookProblem::Other);
    }
    let head = &bytes[..bytes.len().min(4_096)];
    let wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let is_text = |byte: &u8| *byte >= b' ' || byte.is_ascii_whitespace();
    if !wide && !head.iter().all(is_text) {
        return Err(WorkbookProblem::Broken("its first bytes are not those of a workbook".into()));
    }
    let letters: Vec<u8> = head.iter().copied().filter(u8::is_ascii).collect();
    let letters = String::from_utf8_lossy(&letters).to_lowercase().replace('\0', "");
    let is_page = letters.trim_start().starts_with('<');
    Err(if is_page { WorkbookProblem::Page } else { WorkbookProblem::Text })
}

/// What a compound file of Microsoft's holds, by the names in its directory.
fn compound(bytes: &[u8]) -> WorkbookProblem {
    let names = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wide.len()).any(|window| window == wide)
    };
    if names("EncryptedPackage") {
        WorkbookProblem::Encrypted
    } else if names("Workbook") || names("Book") {
        WorkbookProblem::OldExcel
    } else {
        WorkbookProblem::Other
    }
}

/// Unpacks every part into nothing.
fn inspect(bytes: &[u8]) -> Result<(), WorkbookProblem> {
    // Counted before the directory is read: what reads it makes room for each entry.
    let entries = bytes.windows(4).filter(|window| window == b"PK\x01\x02").count();
    if entries > MAX_PARTS {
        return Err(too_large(format!("{entries} parts"), MAX_PARTS.to_string()));
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let mut unpacked = 0;
    let mut seen = Seen::default();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(broken)?;
        if part.encrypted() {
            return Err(WorkbookProblem::Encrypted);
        }
        drop(part);
        let mut part = archive.by_index(index).map_err(broken)?;
        let name = String::from_utf8_lossy(part.name_raw()).replace('\\', "/").to_ascii_lowercase();
        let packed = part.compressed_size();
        let mut scan = Scan::of(&name);
        let size = scan.pass(&mut part, MAX_UNPACKED - unpacked, packed)?;
        unpacked += size;
        if !name.contains("sheets/") && size > MAX_PART {
            return Err(too_large(format!("`{name}`"), format!("{} MiB", MAX_PART / MIB)));
        }
        scan.judge(size)?;
        seen.note(&name, &scan.kept);
    }
    seen.verdict()
}

fn broken(error: impl std::fmt::Display) -> WorkbookProblem {
    WorkbookProblem::Broken(error.to_string())
}

/// What is looked for in a part while it passes.
struct Scan {
    wanted: Wanted,
    /// What passed, of the parts of which something is wanted.
    kept: Vec<u8>,
}

#[derive(PartialEq, Eq)]
enum Wanted {
    Nothing,
    /// The texts that cells share: how many there are, and how many it says there are.
    Strings,
    /// The formats: how many.
    Formats,
    /// What kind of document it is.
    Kind,
}

impl Scan {
    fn of(name: &str) -> Self {
        let file = name.rsplit('/').next().unwrap_or(name);
        let wanted = match file {
            "sharedstrings.xml" => Wanted::Strings,
            "styles.xml" => Wanted::Formats,
            "[content_types].xml" | "mimetype" => Wanted::Kind,
            _ => Wanted::Nothing,
        };
        Scan { wanted, kept: Vec::new() }
    }

    /// Unpacks a part; gives its size.
    fn pass(
        &mut self,
        part: &mut impl Read,
        most: u64,
        packed: u64,
    ) -> Result<u64, WorkbookProblem> {
        let mut buffer = vec![0; 64 * 1024];
        let mut size = 0;
        loop {
            let read = part.read(&mut buffer).map_err(broken)?;
            if read == 0 {
                return Ok(size);
            }
            size += read as u64;
            if size > most {
                let most = format!("{} MiB in all", MAX_UNPACKED / MIB);
                return Err(too_large("what it unpacks to", most));
            }
            if size > ROOM && size / packed.max(1) > MAX_RATIO {
                let what = format!("a part that unpacks to more than {MAX_RATIO} times its size");
                return Err(too_large(what, format!("{} MiB of that kind", ROOM / MIB)));
            }
            if self.wanted != Wanted::Nothing {
                if size > MAX_PART {
                    return Err(too_large(
                        "its texts or formats",
                        format!("{} MiB", MAX_PART / MIB),
                    ));
                }
                // UTF-16 is allowed too; what is looked for is ASCII.
                self.kept.extend(buffer[..read].iter().filter(|byte| **byte != 0));
            }
        }
    }

    /// Whether what passed would make its reader take more memory than it has bytes.
    fn judge(&self, size: u64) -> Result<(), WorkbookProblem> {
        let count = |tag: &[u8]| self.kept.windows(tag.len()).filter(|w| *w == tag).count();
        match self.wanted {
            Wanted::Strings => {
                if count(b"si>") + count(b"si/>") + count(b"<si ") > 2 * MAX_STRINGS {
                    return Err(too_large("its texts", MAX_STRINGS.to_string()));
                }
                let declared = declared(&self.kept);
                if declared > size {
                    let words = format!("it says that it has {declared} texts, and has not");
                    return Err(WorkbookProblem::Broken(words));
                }
                Ok(())
            }
            Wanted::Formats if count(b"xf") > 2 * MAX_FORMATS => {
                Err(too_large("its cell formats", MAX_FORMATS.to_string()))
            }
            _ => Ok(()),
        }
    }
}

/// The greatest number that stands behind `uniqueCount`: room is made for so many texts.
fn declared(bytes: &[u8]) -> u64 {
    const NAME: &[u8] = b"uniqueCount";
    let mut greatest = 0;
    let places = bytes.windows(NAME.len()).enumerate().filter(|(_, window)| *window == NAME);
    for (at, _) in places {
        let behind = bytes[at + NAME.len()..].iter();
        let digits = behind
            .skip_while(|byte| {
                byte.is_ascii_whitespace() || matches!(byte, b'=' | b'"' | b'\'' | b'+')
            })
            .take_while(|byte| byte.is_ascii_digit());
        let number = digits.fold(0_u64, |number, digit| {
            number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))
        });
        greatest = greatest.max(number);
    }
    greatest
}

/// What the parts say of what the whole is: the worst of it.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    #[default]
    Nothing,
    Workbook,
    Macros,
    Binary,
    OpenDocument,
}

impl Seen {
    fn note(&mut self, name: &str, text: &[u8]) {
        let file = name.rsplit('/').next().unwrap_or(name);
        let text = String::from_utf8_lossy(text);
        let seen = match file {
            "workbook.bin" => Seen::Binary,
            "vbaproject.bin" => Seen::Macros,
            "mimetype" if text.contains("opendocument") => Seen::OpenDocument,
            "[content_types].xml" if text.contains("sheet.binary.") => Seen::Binary,
            "[content_types].xml" if text.contains("macroEnabled.main") => Seen::Macros,
            "[content_types].xml" if text.contains("spreadsheetml") => Seen::Workbook,
            _ => Seen::Nothing,
        };
        *self = seen.max(*self);
    }

    fn verdict(self) -> Result<(), WorkbookProblem> {
        match self {
            Seen::Workbook => Ok(()),
            Seen::Nothing => Err(WorkbookProblem::Other),
            Seen::Macros => Err(WorkbookProblem::Macros),
            Seen::Binary => Err(WorkbookProblem::Binary),
            Seen::OpenDocument => Err(WorkbookProblem::OpenDocument),
        }
    }
}
