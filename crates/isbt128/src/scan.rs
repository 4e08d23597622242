//! From the text of a scanner to typed values, and back.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::date::{self, Expiry, Moment};
use crate::din::{Din, Flag, FlagMeaning};
use crate::error::{DinError, PrintError, ReadError, WrongKind};
use crate::group::AboRhd;
use crate::product::{self, ProductCode};

/// Longest text that is looked at. The longest real compound messages stay below 1000.
const LONGEST: usize = 4096;

/// One structure of a read.
///
/// As JSON it carries `kind`: `din`, `abo_rhd`, `product`, `division`, `expiry`, `collection`,
/// `production`, `patient_id`, `patient_birth_date`, `staff`, `other`, `unknown`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Scan {
    /// Donation number (001).
    Din {
        /// The number.
        din: Din,
        /// Which label of the set; a check value in it has been verified.
        flag: Flag,
    },
    /// Blood group or status (002).
    AboRhd(AboRhd),
    /// Product code (003).
    Product {
        /// The code.
        code: ProductCode,
    },
    /// Product division (032); belongs to the identity of a bag whose product code ends with `99`.
    Division {
        /// Six characters.
        code: String,
    },
    /// Expiry (004, 005).
    Expiry(Expiry),
    /// Collection (006, 007).
    Collection(Moment),
    /// Production (008, 009).
    Production(Moment),
    /// Patient number (025).
    PatientId {
        /// The number as the wristband gives it; letters and digits.
        id: String,
        /// Where this copy of the number stood (wristband, form, tube): the two digits of the code.
        location: String,
    },
    /// Date of birth of the patient (024).
    PatientBirthDate {
        /// The date.
        date: NaiveDate,
        /// Where this copy stood: the two digits of the code.
        location: String,
    },
    /// Member of staff (020).
    Staff {
        /// Facility number, five characters.
        facility: String,
        /// Six characters, padded with zeros in front.
        id: String,
    },
    /// A structure that is known by name but not read further here.
    Other {
        /// Its data identifier, two characters.
        di: String,
        /// Its name.
        name: &'static str,
        /// Its content, without the data identifier, as scanned.
        raw: String,
    },
    /// Not ISBT 128, or a structure that this crate does not know.
    Unknown {
        /// The whole text, as scanned.
        raw: String,
    },
}

/// What a scan is, without its content. A field waits for exactly one of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanKind {
    /// Donation number.
    Din,
    /// Blood group.
    AboRhd,
    /// Product code.
    Product,
    /// Product division.
    Division,
    /// Expiry date.
    Expiry,
    /// Collection date.
    Collection,
    /// Production date.
    Production,
    /// Patient number.
    PatientId,
    /// Patient's date of birth.
    PatientBirthDate,
    /// Staff badge.
    Staff,
    /// Another known structure.
    Other,
    /// Anything else.
    Unknown,
}

impl ScanKind {
    /// The English name, without article, as it stands in "That is the product code".
    pub fn name(self) -> &'static str {
        match self {
            ScanKind::Din => "donation number",
            ScanKind::AboRhd => "blood group",
            ScanKind::Product => "product code",
            ScanKind::Division => "product division",
            ScanKind::Expiry => "expiry date",
            ScanKind::Collection => "collection date",
            ScanKind::Production => "production date",
            ScanKind::PatientId => "patient number",
            ScanKind::PatientBirthDate => "patient's date of birth",
            ScanKind::Staff => "staff badge",
            ScanKind::Other => "other label",
            ScanKind::Unknown => "unknown code",
        }
    }
}

impl Scan {
    /// What it is.
    pub fn kind(&self) -> ScanKind {
        match self {
            Scan::Din { .. } => ScanKind::Din,
            Scan::AboRhd(_) => ScanKind::AboRhd,
            Scan::Product { .. } => ScanKind::Product,
            Scan::Division { .. } => ScanKind::Division,
            Scan::Expiry(_) => ScanKind::Expiry,
            Scan::Collection(_) => ScanKind::Collection,
            Scan::Production(_) => ScanKind::Production,
            Scan::PatientId { .. } => ScanKind::PatientId,
            Scan::PatientBirthDate { .. } => ScanKind::PatientBirthDate,
            Scan::Staff { .. } => ScanKind::Staff,
            Scan::Other { .. } => ScanKind::Other,
            Scan::Unknown { .. } => ScanKind::Unknown,
        }
    }

    /// Its English name, for "That is the product code; scan the donation number".
    pub fn name(&self) -> &'static str {
        match self {
            Scan::Other { name, .. } => name,
            _ => self.kind().name(),
        }
    }

    /// The text of the barcode that says this. Reading it again gives the same value.
    pub fn to_text(&self) -> String {
        match self {
            Scan::Din { din, flag } => din.to_structure(*flag),
            Scan::AboRhd(group) => group.to_structure(),
            Scan::Product { code } => code.to_structure(),
            Scan::Division { code } => format!("=,{code}"),
            Scan::Expiry(expiry) => expiry.to_structure(),
            Scan::Collection(moment) => {
                format!("{}*{}", sign(moment), moment.content())
            }
            Scan::Production(moment) => {
                format!("{}}}{}", sign(moment), moment.content())
            }
            Scan::PatientId { id, location } => {
                format!("&#{location}{:02}{id}", id.chars().count())
            }
            Scan::PatientBirthDate { date, location } => {
                format!("=#{location}{:04}{:02}{:02}", date.year(), date.month(), date.day())
            }
            Scan::Staff { facility, id } => format!("='{facility}{id}"),
            Scan::Other { di, raw, .. } => format!("{di}{raw}"),
            Scan::Unknown { raw } => raw.clone(),
        }
    }

    /// Whether two scans of one kind say the same thing, however the label wrote it.
    fn agrees(&self, other: &Scan) -> bool {
        match (self, other) {
            (Scan::Din { din: a, .. }, Scan::Din { din: b, .. }) => a == b,
            (Scan::Expiry(a), Scan::Expiry(b)) => a.at() == b.at(),
            (Scan::PatientId { id: a, .. }, Scan::PatientId { id: b, .. }) => a == b,
            (Scan::PatientBirthDate { date: a, .. }, Scan::PatientBirthDate { date: b, .. }) => {
                a == b
            }
            _ => self == other,
        }
    }
}

fn sign(moment: &Moment) -> char {
    if moment.at().is_some() { '&' } else { '=' }
}

/// How far the content of a structure reaches.
#[derive(Clone, Copy)]
enum Extent {
    /// So many characters.
    Fixed(usize),
    /// `aallxx…`: location, length, so many characters.
    Patient,
    /// A count of so many digits, then segments of so many characters.
    Counted(usize, usize),
    /// To the end of the line: the standard gives no length.
    Open,
}

/// What a data identifier announces. None for one that is not known.
///
/// Names and lengths only (ST-001 section 2.4); what the content means, where it is not read here,
/// stands in licensed tables.
fn known(di: (char, char)) -> Option<(&'static str, Extent)> {
    use Extent::{Counted, Fixed, Open, Patient};
    Some(match di {
        // Numbers that begin with O or 0 do not exist; they come here to be refused by name.
        ('=', c) if c.is_ascii_alphanumeric() => (ScanKind::Din.name(), Fixed(15)),
        ('=', '%') => (ScanKind::AboRhd.name(), Fixed(4)),
        ('=', '<') => (product::NAME, Fixed(8)),
        ('=', '>') => (ScanKind::Expiry.name(), Fixed(6)),
        ('&', '>') => (ScanKind::Expiry.name(), Fixed(10)),
        ('=', '*') => (ScanKind::Collection.name(), Fixed(6)),
        ('&', '*') => (ScanKind::Collection.name(), Fixed(10)),
        ('=', '}') => (ScanKind::Production.name(), Fixed(6)),
        ('&', '}') => (ScanKind::Production.name(), Fixed(10)),
        ('&', '(') => ("special testing code", Fixed(5)),
        ('=', '{' | '\\') | ('&', '\\') => ("red cell antigens", Fixed(18)),
        ('&', '{') => ("platelet antigens", Fixed(18)),
        ('=', '[' | '"') => ("tissue type (retired code)", Fixed(18)),
        ('=', ')') => ("blood bag type", Fixed(10)),
        ('&', ')') => ("blood bag lot", Fixed(10)),
        ('=', ';') => ("donor number", Fixed(21)),
        ('=', '\'') => (ScanKind::Staff.name(), Fixed(11)),
        ('=', '-') => ("reagent or supply", Fixed(10)),
        ('&', '-') => ("reagent or supply lot", Fixed(10)),
        ('=', '+') => ("combined code", Fixed(5)),
        ('=', '#') => (ScanKind::PatientBirthDate.name(), Fixed(10)),
        ('&', '#') => (ScanKind::PatientId.name(), Patient),
        ('=', ']') => ("expiry month of a supply", Fixed(6)),
        ('&', '"') => ("infection markers", Fixed(18)),
        ('=', '$') => ("consignment", Fixed(16)),
        ('&', '$') => ("dimensions", Counted(2, 14)),
        ('&', '%') => ("red cell antigens with history", Counted(3, 10)),
        ('=', '(') => ("date and time", Fixed(16)),
        ('=', ',') => (ScanKind::Division.name(), Fixed(6)),
        ('&', '+') => ("processing facility", Fixed(11)),
        ('&', ';') => ("national donor number", Open),
        ('&', '!') => ("confidential exclusion", Open),
        ('&', 'a'..='z') => ("national or local code", Open),
        _ => return None,
    })
}

/// Reads what a scanner sent: one structure, several read as one (donation number and group,
/// product and expiry), or a compound message.
///
/// Tolerated: line ends and other control characters around a structure, a symbology prefix
/// (`]C0`, `]C4`, `]d1`), changed case. Text that is no ISBT 128 structure is not an error but
/// [`Scan::Unknown`]: a hospital's own wristband is one. The header of a compound message is
/// checked and left out of the answer. The same value read twice is given once. Whether the values
/// stand on one label is another question: [`is_one_symbol_read`].
///
/// # Errors
/// [`ReadError`]; nothing of a refused read may be used.
pub fn read(text: &str) -> Result<Vec<Scan>, ReadError> {
    // Counting all characters of a huge text is linear and cheap; nothing else looks at it.
    let got = text.chars().count();
    if got > LONGEST {
        return Err(ReadError::TooLong { got });
    }
    let mut scans: Vec<Scan> = Vec::new();
    for line in text.split(char::is_control) {
        let line = without_prefix(line.trim());
        if line.is_empty() {
            continue;
        }
        for scan in read_line(line)? {
            let single = !matches!(scan.kind(), ScanKind::Other | ScanKind::Unknown);
            match scans.iter().find(|s| single && s.kind() == scan.kind()) {
                Some(first) if first.agrees(&scan) => {}
                Some(_) => return Err(ReadError::TwoOfAKind { name: scan.name() }),
                None => scans.push(scan),
            }
        }
    }
    if scans.is_empty() { Err(ReadError::Empty) } else { Ok(scans) }
}

/// Whether all of `text` came in one read without a line end inside: neighbouring barcodes read
/// together, or one compound message. Only then does a donation number vouch for the group beside
/// it. True for a single structure too; false for a text that [`read`] refuses.
pub fn is_one_symbol_read(text: &str) -> bool {
    read(text).is_ok() && text.split(char::is_control).filter(|l| !l.trim().is_empty()).count() == 1
}

/// The one scan of the `wanted` kind. A read that holds other things besides (donation number and
/// group) still gives it; one that does not says what it was.
///
/// # Errors
/// [`WrongKind`], whose text is the sentence for the screen.
pub fn pick(scans: &[Scan], wanted: ScanKind) -> Result<&Scan, WrongKind> {
    scans.iter().find(|scan| scan.kind() == wanted).ok_or_else(|| WrongKind {
        wanted,
        got: scans.first().map(Scan::kind),
        got_name: scans.first().map_or("", Scan::name),
    })
}

/// The text of a compound message that holds `scans`, in their order.
///
/// # Errors
/// [`PrintError`] for none, for more than 99, and for structures that have no known length.
pub fn compound(scans: &[Scan]) -> Result<String, PrintError> {
    if scans.is_empty() || scans.len() > 99 {
        return Err(PrintError::Count { got: scans.len() });
    }
    let mut text = format!("=+{:02}000", scans.len());
    for scan in scans {
        let structure = scan.to_text();
        let mut chars = structure.chars();
        let closed = match (chars.next(), chars.next()) {
            (Some(a), Some(b)) => match known((a, b)) {
                Some((_, Extent::Open)) | None => false,
                Some(_) => (a, b) != ('=', '+'),
            },
            _ => false,
        };
        if !closed {
            return Err(PrintError::NotInCompound { name: scan.name() });
        }
        text.push_str(&structure);
    }
    Ok(text)
}

/// Takes a symbology identifier off. Only those that announce plain Code 128, a concatenated read
/// and Data Matrix: others (GS1 among them) carry other data, which stays visibly unknown.
fn without_prefix(line: &str) -> &str {
    ["]C0", "]C4", "]d1", "]c0", "]c4", "]D1"]
        .into_iter()
        .find_map(|prefix| line.strip_prefix(prefix))
        .map_or(line, str::trim)
}

fn text_of(chars: &[char]) -> String {
    chars.iter().collect()
}

/// One line: no control characters, not empty.
fn read_line(line: &str) -> Result<Vec<Scan>, ReadError> {
    let chars: Vec<char> = line.chars().collect();
    if !starts(&chars) {
        return Ok(vec![Scan::Unknown { raw: line.to_owned() }]);
    }
    let mut scans = Vec::new();
    let mut rest: &[char] = &chars;
    let mut announced = None;
    while let [first, second, after @ ..] = rest {
        let Some((name, extent)) = known((*first, *second)) else {
            // Where an unknown structure ends cannot be known either: it takes the whole line.
            scans.push(Scan::Unknown { raw: text_of(rest) });
            rest = &[];
            break;
        };
        // A donation number begins with its own data identifier.
        let content = if name == ScanKind::Din.name() { &rest[1..] } else { after };
        let length = extent_of(name, extent, content)?;
        let (content, following) = content.split_at(length);
        if (*first, *second) == ('=', '+') {
            if announced.is_some() || !scans.is_empty() {
                return Err(ReadError::CompoundForm);
            }
            let digits = date::digits(name, &text_of(content))?;
            announced = Some(match digits.first_chunk() {
                Some([a, b]) => (a * 10 + b) as usize,
                None => 0,
            });
        } else {
            if announced.is_some() && matches!(extent, Extent::Open) {
                return Err(ReadError::CompoundForm);
            }
            scans.push(structure((*first, *second), name, &text_of(content))?);
        }
        rest = following;
    }
    if let [single] = rest {
        // A lone `=` or `&` at the end: the read was cut off.
        return Err(ReadError::BadCharacter {
            name: scans.last().map_or("code", Scan::name),
            position: chars.len(),
            found: *single,
        });
    }
    match announced {
        Some(_) if scans.iter().any(|s| s.kind() == ScanKind::Unknown) => {
            Err(ReadError::CompoundForm)
        }
        Some(expected) if expected != scans.len() || expected == 0 => {
            Err(ReadError::CompoundCount { expected, found: scans.len() })
        }
        _ => Ok(scans),
    }
}

/// Whether a structure begins here.
fn starts(chars: &[char]) -> bool {
    matches!(chars.first(), Some('=' | '&'))
}

/// The length of the content, checked against where the next structure begins: no content holds a
/// `=` or `&` of its own.
fn extent_of(name: &'static str, extent: Extent, content: &[char]) -> Result<usize, ReadError> {
    let got = content.iter().position(|c| matches!(c, '=' | '&')).unwrap_or(content.len());
    let number = |from: usize, to: usize| -> Result<usize, ReadError> {
        let Some(digits) = content.get(from..to).filter(|_| to <= got) else {
            return Err(ReadError::WrongLength { name, expected: to, got });
        };
        digits.iter().enumerate().try_fold(0usize, |n, (index, &found)| {
            let digit = found.to_digit(10).ok_or(ReadError::BadCharacter {
                name,
                position: from + index + 1,
                found,
            })?;
            Ok(n * 10 + digit as usize)
        })
    };
    let expected = match extent {
        Extent::Open => return Ok(content.len()),
        Extent::Fixed(length) => length,
        Extent::Patient => 4 + number(2, 4)?,
        Extent::Counted(head, segment) => head + segment * number(0, head)?,
    };
    if expected == got { Ok(got) } else { Err(ReadError::WrongLength { name, expected, got }) }
}

/// One structure of known length.
fn structure(di: (char, char), name: &'static str, content: &str) -> Result<Scan, ReadError> {
    Ok(match di {
        ('=', c) if c.is_ascii_alphanumeric() => donation_number(content)?,
        ('=', '%') => Scan::AboRhd(AboRhd::new(content)?),
        ('=', '<') => Scan::Product { code: ProductCode::new(content)? },
        ('=', ',') => {
            Scan::Division { code: letters_and_digits(name, content)?.to_ascii_uppercase() }
        }
        ('=' | '&', '>') => Scan::Expiry(date::expiry(name, content)?),
        ('=' | '&', '*') => Scan::Collection(date::moment(name, content)?),
        ('=' | '&', '}') => Scan::Production(date::moment(name, content)?),
        ('=', '#') => {
            let digits = date::digits(name, content)?;
            // The length has been checked: two digits of location, eight of date.
            let date = date::calendar_day(name, digits.get(2..).unwrap_or_default())?;
            Scan::PatientBirthDate { date, location: content.chars().take(2).collect() }
        }
        ('&', '#') => {
            let content = letters_and_digits(name, content)?;
            let location: String = content.chars().take(2).collect();
            date::digits(name, &location)?;
            let id: String = content.chars().skip(4).collect();
            if id.is_empty() {
                return Err(ReadError::WrongLength { name, expected: 5, got: 4 });
            }
            Scan::PatientId { id, location }
        }
        ('=', '\'') => {
            let content = letters_and_digits(name, content)?.to_ascii_uppercase();
            for (index, found) in content.chars().enumerate().take(5) {
                if !crate::din::allowed(index, found) {
                    return Err(ReadError::BadCharacter { name, position: index + 1, found });
                }
            }
            Scan::Staff {
                facility: content.chars().take(5).collect(),
                id: content.chars().skip(5).collect(),
            }
        }
        (a, b) => Scan::Other { di: format!("{a}{b}"), name, raw: content.to_owned() },
    })
}

fn letters_and_digits<'a>(name: &'static str, content: &'a str) -> Result<&'a str, ReadError> {
    match content.chars().enumerate().find(|(_, c)| !c.is_ascii_alphanumeric()) {
        None => Ok(content),
        Some((index, found)) => Err(ReadError::BadCharacter { name, position: index + 1, found }),
    }
}

/// Fifteen characters: number and flag. A check value in the flag must fit.
fn donation_number(content: &str) -> Result<Scan, ReadError> {
    let name = ScanKind::Din.name();
    let number: String = content.chars().take(13).collect();
    let din = Din::new(&number).map_err(|error| match error {
        DinError::BadCharacter { position, found } => {
            ReadError::BadCharacter { name, position, found }
        }
        DinError::WrongLength { expected, got } => ReadError::WrongLength { name, expected, got },
        DinError::BadCheck => ReadError::BadCheck,
    })?;
    for (index, found) in content.chars().enumerate().skip(13) {
        if !Flag::allowed(found.to_ascii_uppercase()) {
            return Err(ReadError::BadCharacter { name, position: index + 1, found });
        }
    }
    let text: String = content.chars().skip(13).collect();
    let flag = Flag::new(&text).ok_or(ReadError::WrongLength {
        name,
        expected: 15,
        got: content.chars().count(),
    })?;
    match flag.meaning() {
        FlagMeaning::Check(value) if value != din.check_value() => Err(ReadError::BadCheck),
        _ => Ok(Scan::Din { din, flag }),
    }
}
