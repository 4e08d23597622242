//! Command sets: the short groups of elements that say what a data set is for (PS3.7 annex E).
//! Always implicit little endian; read and written here without a library, because they come first
//! from whoever connects.

/// A command set longer than this says nothing that a receiver has to know.
pub(crate) const MAX_COMMAND: usize = 16 << 10;

const ECHO: u16 = 0x0030;
const STORE: u16 = 0x0001;
/// In a response this bit is added.
const RESPONSE: u16 = 0x8000;
/// "No data set follows."
const NO_DATA: u16 = 0x0101;

/// Why an instance was not kept, as the sender is told (PS3.4, table B.2-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// No room, or no leave to keep it now: it may be sent again later.
    OutOfResources,
    /// The data set is not what it was announced as.
    DoesNotMatch,
    /// Damaged, or of a kind that cannot be read here: to send it again does not help.
    CannotUnderstand,
}

impl Refused {
    pub(crate) fn status(self) -> u16 {
        match self {
            Self::OutOfResources => 0xA700,
            Self::DoesNotMatch => 0xA900,
            Self::CannotUnderstand => 0xC000,
        }
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub kind: Kind,
    pub message: u16,
    pub class: String,
    pub instance: String,
    /// The number the sender gave its command, for the answer.
    field: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Echo,
    Store,
    /// Something else; whether a data set follows.
    Other {
        data: bool,
    },
}

impl Request {
    /// Reads a whole command set; `None` if it is none, or not a request.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (mut field, mut message, mut data) = (None, None, NO_DATA);
        let (mut class, mut instance) = (String::new(), String::new());
        let mut rest = bytes;
        while !rest.is_empty() {
            let (head, after) = rest.split_at_checked(8)?;
            let length = u32::from_le_bytes([head[4], head[5], head[6], head[7]]);
            let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
            rest = after;
            if head[..2] != [0, 0] {
                return None;
            }
            let number = || Some(u16::from_le_bytes([*value.first()?, *value.get(1)?]));
            match u16::from_le_bytes([head[2], head[3]]) {
                0x0002 => class = uid(value)?,
                0x0100 => field = number(),
                0x0110 => message = number(),
                0x0800 => data = number()?,
                0x1000 => instance = uid(value)?,
                _ => {}
            }
        }
        let (field, message) = (field?, message?);
        let data = data != NO_DATA;
        let kind = match field {
            ECHO => Kind::Echo,
            STORE if data && !class.is_empty() && !instance.is_empty() => Kind::Store,
            STORE => return None,
            other if other & RESPONSE != 0 => return None,
            _ => Kind::Other { data },
        };
        Some(Self { kind, message, class, instance, field })
    }

    /// The answer with this status; 0 is success.
    pub(crate) fn response(&self, status: u16) -> Vec<u8> {
        let mut body = Vec::new();
        put_uid(&mut body, 0x0002, &self.class);
        put(&mut body, 0x0100, &(self.field | RESPONSE).to_le_bytes());
        put(&mut body, 0x0120, &self.message.to_le_bytes());
        put(&mut body, 0x0800, &NO_DATA.to_le_bytes());
        put(&mut body, 0x0900, &status.to_le_bytes());
        put_uid(&mut body, 0x1000, &self.instance);
        let mut out = Vec::new();
        // A few hundred bytes: two UIDs of at most 64 characters and numbers.
        let length = u32::try_from(body.len()).unwrap_or(0);
        put(&mut out, 0x0000, &length.to_le_bytes());
        out.extend(body);
        out
    }
}

/// A UID without its padding; `None` for anything else.
fn uid(value: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(value).ok()?.trim_matches(['\0', ' ']);
    let fits = text.len() <= 64 && text.bytes().all(|b| b == b'.' || b.is_ascii_digit());
    fits.then(|| text.to_owned())
}

fn put(out: &mut Vec<u8>, element: u16, value: &[u8]) {
    out.extend([0, 0]);
    out.extend(element.to_le_bytes());
    out.extend(u32::try_from(value.len()).unwrap_or(0).to_le_bytes());
    out.extend(value);
}

fn put_uid(out: &mut Vec<u8>, element: u16, uid: &str) {
    if uid.is_empty() {
        return;
    }
    let mut value = uid.as_bytes().to_vec();
    if value.len() % 2 == 1 {
        value.push(0);
    }
    put(out, element, &value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> Vec<u8> {
        let mut bytes = Vec::new();
        put(&mut bytes, 0x0000, &[0; 4]);
        put_uid(&mut bytes, 0x0002, "1.2.840.10008.5.1.4.1.1.4");
        put(&mut bytes, 0x0100, &STORE.to_le_bytes());
        put(&mut bytes, 0x0110, &7_u16.to_le_bytes());
        put(&mut bytes, 0x0700, &[0, 0]);
        put(&mut bytes, 0x0800, &[1, 0]);
        put_uid(&mut bytes, 0x1000, "1.2.3");
        bytes
    }

    #[test]
    fn a_request_to_store_is_read_and_answered_with_its_number() {
        let request = Request::read(&store()).expect("a request");
        assert_eq!(request.kind, Kind::Store);
        assert_eq!((request.message, request.instance.as_str()), (7, "1.2.3"));
        let answer = request.response(0xA700);
        // Group length, then the rest of exactly that length.
        let length = u32::from_le_bytes([answer[8], answer[9], answer[10], answer[11]]);
        assert_eq!(usize::try_from(length).expect("small"), answer.len() - 12);
        assert!(answer.windows(10).any(|w| w == [0, 0, 0, 1, 2, 0, 0, 0, 1, 0x80]));
        assert!(answer.windows(10).any(|w| w == [0, 0, 0, 9, 2, 0, 0, 0, 0, 0xA7]));
        assert!(Request::read(&answer).is_none(), "an answer is no request");
    }

    #[test]
    fn no_command_set_however_damaged_is_more_than_refused() {
        let good = store();
        for end in 0..good.len() {
            let _ = Request::read(&good[..end]);
        }
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                if let Some(request) = Request::read(&bad) {
                    assert!(request.instance.len() <= 64);
                }
            }
        }
        let path = "../../etc/passwd";
        let mut bad = Vec::new();
        put(&mut bad, 0x1000, path.as_bytes());
        assert!(Request::read(&bad).is_none(), "a path is no UID");
    }
}
