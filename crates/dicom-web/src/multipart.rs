//! `multipart/related` (RFC 2046, RFC 2387) as PS3.18 uses it, read from the beginning to the end with no
//! more than one part in memory. A length that a part names of itself is checked and never believed.

use crate::Failure;
use crate::limited::Limited;
use std::io::Read;

/// What may stand before the first part.
const PREAMBLE: usize = 4 << 10;
/// The headers of one part.
const HEADERS: usize = 8 << 10;
/// Longest boundary (RFC 2046 5.1.1).
const BOUNDARY: usize = 70;

/// A media type with its parameters.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MediaType {
    /// In small letters.
    pub(crate) essence: String,
    /// Names in small letters; a name said twice makes the whole unreadable.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// `None` for what is no media type.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (essence, mut rest) = match text.find(';') {
            Some(at) => (&text[..at], &text[at..]),
            None => (text, ""),
        };
        let mut found =
            Self { essence: essence.trim().to_ascii_lowercase(), parameters: Vec::new() };
        while let Some(after) = rest.trim_start().strip_prefix(';') {
            let after = after.trim_start();
            if after.is_empty() {
                // A semicolon at the end, as some servers write it.
                return Some(found);
            }
            let (name, value) = after.split_once('=')?;
            let (value, left) = value_of(value)?;
            let name = name.trim().to_ascii_lowercase();
            if name.is_empty() || found.parameter(&name).is_some() {
                return None;
            }
            found.parameters.push((name, value));
            rest = left;
        }
        rest.trim().is_empty().then_some(found)
    }

    /// One without parameters.
    pub(crate) fn named(essence: &str) -> Self {
        Self { essence: essence.to_owned(), parameters: vec![] }
    }

    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The boundary between parts, if it may be one.
    pub(crate) fn boundary(&self) -> Option<&str> {
        let boundary = self.parameter("boundary")?;
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&b);
        let good = !boundary.is_empty()
            && boundary.len() <= BOUNDARY
            && boundary.bytes().all(fits)
            && !boundary.ends_with(' ');
        good.then_some(boundary)
    }
}

/// A value, quoted or not, and what stands behind it.
fn value_of(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        return Some((text[..end].trim().to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            _ => value.push(letter),
        }
    }
    None
}

/// One part at a time.
pub(crate) struct Parts<R> {
    body: Limited<R>,
    /// `\r\n--` and the boundary.
    mark: Vec<u8>,
    /// Read and not yet used.
    held: Vec<u8>,
    limit: usize,
    most: u32,
    seen: u32,
    begun: bool,
    ended: bool,
}

impl<R: Read> Parts<R> {
    pub(crate) fn new(body: Limited<R>, boundary: &str, limit: usize, most: u32) -> Self {
        Self {
            body,
            mark: [b"\r\n--", boundary.as_bytes()].concat(),
            // A body may begin with its boundary, which has no line before it then.
            held: b"\r\n".to_vec(),
            limit,
            most,
            seen: 0,
            begun: false,
            ended: false,
        }
    }

    /// The media type and the content of the next part; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<(String, Vec<u8>)>, Failure> {
        if self.ended {
            return Ok(None);
        }
        if !self.begun {
            self.begun = true;
            self.until_mark(PREAMBLE, Failure::Malformed("no part begins where one should"))?;
        }
        if !self.line_after_mark()? {
            self.ended = true;
            return Ok(None);
        }
        self.seen += 1;
        if self.seen > self.most {
            return Err(Failure::TooLarge { unit: "parts", limit: u64::from(self.most) });
        }
        let (kind, length) = self.headers()?;
        let too_large = Failure::TooLarge { unit: "bytes in one part", limit: self.limit as u64 };
        if length.is_some_and(|said| said > self.limit as u64) {
            return Err(too_large);
        }
        let content = self.until_mark(self.limit, too_large)?;
        if length.is_some_and(|said| said != content.len() as u64) {
            return Err(Failure::Malformed("a part is not as long as it says"));
        }
        Ok(Some((kind, content)))
    }

    /// Reads more; false at the end.
    fn more(&mut self) -> Result<bool, Failure> {
        let at = self.held.len();
        self.held.resize(at + (32 << 10), 0);
        let read = self.body.some(&mut self.held[at..]);
        self.held.truncate(at + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }

    /// All up to the next mark, which is used up.
    fn until_mark(&mut self, limit: usize, over: Failure) -> Result<Vec<u8>, Failure> {
        let mut content = vec![];
        loop {
            if let Some(at) = find(&self.held, &self.mark) {
                content.extend_from_slice(&self.held[..at]);
                if content.len() > limit {
                    return Err(over);
                }
                self.held.drain(..at + self.mark.len());
                return Ok(content);
            }
            // The beginning of a mark may stand at the end.
            let sure = self.held.len().saturating_sub(self.mark.len() - 1);
            content.extend(self.held.drain(..sure));
            if content.len() > limit {
                return Err(over);
            }
            if !self.more()? {
                return Err(Failure::CutShort);
            }
        }
    }

    /// Behind a mark: true before another part, false at the end of all.
    fn line_after_mark(&mut self) -> Result<bool, Failure> {
        const WRONG: Failure = Failure::Malformed("something stands behind a boundary");
        loop {
            if self.held.starts_with(b"--") {
                return Ok(false);
            }
            let blanks = self.held.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
            let rest = &self.held[blanks..];
            if rest.starts_with(b"\r\n") {
                // The line end stays: headers that are empty are one line end more.
                self.held.drain(..blanks);
                return Ok(true);
            }
            let undecided = rest.is_empty() || rest == b"\r" || rest == b"-";
            if !undecided || blanks > 64 {
                return Err(WRONG);
            }
            if !self.more()? {
                return Err(Failure::CutShort);
            }
        }
    }

    /// Media type and length, as the part says them.
    fn headers(&mut self) -> Result<(String, Option<u64>), Failure> {
        const END: &[u8] = b"\r\n\r\n";
        let end = loop {
            if let Some(at) = find(&self.held, END) {
                break at;
            }
            if self.held.len() > HEADERS {
                return Err(Failure::Malformed("the headers of a part do not end"));
            }
            if !self.more()? {
                return Err(Failure::CutShort);
            }
        };
        if end > HEADERS {
            return Err(Failure::Malformed("the headers of a part do not end"));
        }
        let head: Vec<u8> = self.held.drain(..end + END.len()).collect();
        let text = std::str::from_utf8(&head)
            .map_err(|_| Failure::Malformed("the headers of a part are no text"))?;
        let (mut kind, mut length) = (String::new(), None);
        for line in text.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) =
                line.split_once(':').ok_or(Failure::Malformed("a header of a part has no name"))?;
            match name.trim().to_ascii_lowercase().as_str() {
                "content-type" => kind = value.trim().to_owned(),
                "content-length" => {
                    let said = value.trim().parse();
                    length = Some(said.map_err(|_| Failure::Malformed("a length is no number"))?);
                }
                "content-encoding" | "content-transfer-encoding"
                    if !["binary", "identity", "8bit"].contains(&value.trim()) =>
                {
                    return Err(Failure::Malformed("a part is encoded"));
                }
                _ => {}
            }
        }
        Ok((kind, length))
    }
}

/// Where `what` begins in `all`.
pub(crate) fn find(all: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    let last = all.len().checked_sub(what.len())?;
    let mut from = 0;
    while from <= last {
        let at = from + all[from..=last].iter().position(|b| *b == first)?;
        if all[at..].starts_with(what) {
            return Some(at);
        }
        from = at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// Gives so many bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
            let take = self.1.min(into.len()).min(self.0.len());
            into[..take].copy_from_slice(&self.0[..take]);
            self.0 = &self.0[take..];
            Ok(take)
        }
    }

    fn read(body: &[u8], step: usize) -> Result<Vec<(String, Vec<u8>)>, Failure> {
        let until = Instant::now() + Duration::from_secs(10);
        let mut parts = Parts::new(Limited::new(Slow(body, step), 1 << 20, until), "b1", 100, 3);
        let mut all = vec![];
        while let Some(part) = parts.next()? {
            all.push(part);
        }
        Ok(all)
    }

    #[test]
    fn parts_are_the_same_however_the_bytes_arrive() {
        let body =
            b"--b1\r\nContent-Type: application/dicom\r\nContent-Length: 9\r\n\r\nab\r\n--b\r\n\
            \r\n--b1 \r\n\r\n\r\n--b1--\r\n";
        let mut twice = vec![("application/dicom".to_owned(), b"ab\r\n--b\r\n".to_vec())];
        twice.push((String::new(), vec![]));
        for step in [1, 2, 3, 7, 1000] {
            assert_eq!(read(body, step).as_ref(), Ok(&twice), "{step}");
        }
        assert_eq!(read(b"said before\r\n--b1--", 1), Ok(vec![]));
    }

    #[test]
    fn what_is_against_the_rules_is_refused_and_never_guessed() {
        let wrong = |body: &[u8]| read(body, 5).map_err(|failure| failure.code());
        assert_eq!(wrong(b""), Err("cut_short"));
        assert_eq!(wrong(b"--b1\r\n\r\nabc"), Err("cut_short"));
        assert_eq!(wrong(b"--b2\r\n\r\nabc\r\n--b2--"), Err("cut_short"));
        assert_eq!(wrong(b"--b1\r\nContent-Length: 2\r\n\r\nabc\r\n--b1--"), Err("malformed"));
        assert_eq!(wrong(b"--b1\r\nContent-Length: 9999\r\n\r\nabc\r\n--b1--"), Err("too_large"));
        assert_eq!(wrong(b"--b1\r\nContent-Length: many\r\n\r\nabc\r\n--b1--"), Err("malformed"));
        assert_eq!(wrong(b"--b1\r\nnonsense\r\n\r\nabc\r\n--b1--"), Err("malformed"));
        assert_eq!(wrong(b"--b1x\r\n\r\nabc\r\n--b1--"), Err("malformed"));
        let long = [b"--b1\r\n\r\n".to_vec(), vec![b'a'; 101], b"\r\n--b1--".to_vec()].concat();
        assert_eq!(wrong(&long), Err("too_large"));
        let many = b"--b1\r\n\r\na\r\n".repeat(4);
        assert_eq!(wrong(&many), Err("too_large"));
        assert_eq!(wrong(&vec![b'x'; PREAMBLE + 100]), Err("malformed"));
        assert_eq!(wrong(&[b"--b1\r\n".to_vec(), vec![b'x'; 9000]].concat()), Err("malformed"));
        let encoded = b"--b1\r\nContent-Transfer-Encoding: base64\r\n\r\nabc\r\n--b1--";
        assert_eq!(wrong(encoded), Err("malformed"));
    }

    #[test]
    fn a_body_without_an_end_ends_at_its_limit() {
        let until = Instant::now() + Duration::from_secs(10);
        let body = std::io::repeat(b'\r');
        let mut parts = Parts::new(Limited::new(body, 1 << 20, until), "b1", 1 << 30, 3);
        assert!(matches!(parts.next(), Err(Failure::Malformed(_))));
        let body = (&b"--b1\r\n\r\n"[..]).chain(std::io::repeat(b'\r'));
        let mut parts = Parts::new(Limited::new(body, 1 << 20, until), "b1", 1 << 30, 3);
        assert_eq!(parts.next(), Err(Failure::TooLarge { unit: "bytes", limit: 1 << 20 }));
    }

    #[test]
    fn a_media_type_is_read_with_and_without_quotes() {
        let read = |text: &str| MediaType::read(text).map(|m| (m.boundary().map(str::to_owned), m));
        let (boundary, media) =
            read("Multipart/Related; type=\"application/dicom\"; boundary=\"a;b\\c d\"").unwrap();
        assert_eq!((media.essence.as_str(), boundary), ("multipart/related", None));
        assert_eq!(media.parameter("boundary"), Some("a;bc d"));
        assert_eq!(media.parameter("type"), Some("application/dicom"));
        let (boundary, _) = read("multipart/related;boundary=x-1;").unwrap();
        assert_eq!(boundary.as_deref(), Some("x-1"));
        for bad in ["a/b; boundary=\"x", "a/b; x", "a/b; c=1; c=2", "a/b; =1"] {
            assert_eq!(MediaType::read(bad), None, "{bad}");
        }
        assert_eq!(read("a/b; boundary=\"\"").unwrap().0, None);
        assert_eq!(read(&format!("a/b; boundary={}", "x".repeat(71))).unwrap().0, None);
    }
}
