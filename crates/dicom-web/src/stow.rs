//! Storing: files in a body of parts (STOW-RS), and what became of each.

use crate::multipart::find;
use crate::qido::{text, values};
use crate::{Failure, is_uid};
use serde_json::Value;
use std::hash::{BuildHasher, RandomState};

/// What an archive says of what it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// SOP instance UIDs that it keeps.
    pub kept: Vec<String>,
    pub refused: Vec<Unstored>,
}

/// An instance that an archive did not keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unstored {
    pub sop_instance: Option<String>,
    /// Failure reason of PS3.18 table 10.5.1 (and PS3.4 for what is not there).
    pub reason: Option<u64>,
}

/// The files as parts, and the boundary, which stands in none of them.
pub(crate) fn body(files: &[&[u8]]) -> (Vec<u8>, String) {
    let boundary = loop {
        // Random enough to be new; that it is not in the files is looked up.
        let seed = RandomState::new();
        let boundary = format!("hs-{:016x}{:016x}", seed.hash_one(1), seed.hash_one(2));
        if !files.iter().any(|file| find(file, boundary.as_bytes()).is_some()) {
            break boundary;
        }
    };
    let size: usize = files.iter().map(|file| file.len() + 200).sum();
    let mut body = Vec::with_capacity(size + 100);
    for file in files {
        let head = format!(
            "--{boundary}\r\nContent-Type: application/dicom\r\nContent-Length: {}\r\n\r\n",
            file.len()
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (body, boundary)
}

/// Reads the answer to a request of so many files.
pub(crate) fn read(bytes: &[u8], sent: usize) -> Result<Stored, Failure> {
    let answer: Value =
        serde_json::from_slice(bytes).map_err(|_| Failure::Malformed("the answer is no JSON"))?;
    // Some wrap the one data set into a table.
    let answer = match &answer {
        Value::Array(table) => table.first().unwrap_or(&Value::Null),
        one => one,
    };
    let uid = |item: &Value| text(item, "00081155").filter(|uid| is_uid(uid));
    let kept: Vec<String> = values(answer, "00081199").filter_map(uid).take(sent).collect();
    let refused: Vec<Unstored> = values(answer, "00081198")
        .take(sent)
        .map(|item| Unstored {
            sop_instance: uid(item),
            reason: values(item, "00081197").find_map(Value::as_u64),
        })
        .collect();
    if kept.is_empty() && refused.is_empty() {
        return Err(Failure::Malformed("the archive does not say what became of the files"));
    }
    Ok(Stored { kept, refused })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limited::Limited;
    use crate::multipart::Parts;
    use std::time::{Duration, Instant};

    #[test]
    fn what_is_sent_reads_back_part_by_part() {
        let (body, boundary) = body(&[b"one\r\n--", b""]);
        let until = Instant::now() + Duration::from_secs(10);
        let mut parts = Parts::new(Limited::new(&body[..], 10_000, until), &boundary, 100, 9);
        let dicom = |bytes: &[u8]| Some(("application/dicom".to_owned(), bytes.to_vec()));
        assert_eq!(parts.next(), Ok(dicom(b"one\r\n--")));
        assert_eq!(parts.next(), Ok(dicom(b"")));
        assert_eq!(parts.next(), Ok(None));
    }

    #[test]
    fn an_answer_says_what_was_kept_and_what_was_not_or_it_is_no_answer() {
        let answer =
            br#"{"00081199":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2"]}}]},
            "00081198":{"vr":"SQ","Value":[{"00081197":{"vr":"US","Value":[272]}}]}}"#;
        let stored = read(answer, 2).unwrap();
        assert_eq!(stored.kept, ["1.2"]);
        assert_eq!(stored.refused, [Unstored { sop_instance: None, reason: Some(272) }]);
        for silent in [&b"{}"[..], b"[]", b"\"kept\"", b"<html>"] {
            assert!(read(silent, 1).is_err());
        }
    }
}
