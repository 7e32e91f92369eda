//! Bytes that a program keeps: a mark that says of what, a version, the content, a checksum.

/// Bytes of the mark.
const MARK: usize = 4;
const CHECKSUM: usize = 4;

/// Why bytes cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// They are something else.
    Foreign,
    /// They are of a version that is not known.
    Version(u8),
    Damaged,
}

/// Closes content that is written in parts.
pub(crate) fn sealed(mark: &[u8; MARK], version: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = mark.to_vec();
    bytes.push(version);
    parts.iter().for_each(|part| bytes.extend_from_slice(part));
    let checksum = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The content of what [`sealed`] closed, which is never empty.
pub(crate) fn opened<'b>(mark: &[u8; MARK], version: u8, bytes: &'b [u8]) -> Result<&'b [u8], Unopened> {
    if bytes.get(..MARK) != Some(mark) {
        return Err(Unopened::Foreign);
    }
    match bytes.get(MARK) {
        Some(known) if *known == version => {}
        Some(other) => return Err(Unopened::Version(*other)),
        None => return Err(Unopened::Damaged),
    }
    let end = bytes.len().checked_sub(CHECKSUM).ok_or(Unopened::Damaged)?;
    let (content, checksum) = bytes.split_at_checked(end).ok_or(Unopened::Damaged)?;
    match content.get(MARK + 1..).filter(|content| !content.is_empty()) {
        Some(inside) if crc32fast::hash(content).to_le_bytes() == checksum => Ok(inside),
        _ => Err(Unopened::Damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_opened_and_nothing_else() {
        let bytes = sealed(b"TEST", 2, &[b"one", b"two"]);
        assert_eq!(opened(b"TEST", 2, &bytes), Ok(&b"onetwo"[..]));
        assert_eq!(opened(b"ELSE", 2, &bytes), Err(Unopened::Foreign));
        assert_eq!(opened(b"TEST", 3, &bytes), Err(Unopened::Version(2)));
        for end in 4..bytes.len() {
            assert_eq!(opened(b"TEST", 2, &bytes[..end]), Err(Unopened::Damaged));
        }
        assert_eq!(opened(b"TEST", 2, &sealed(b"TEST", 2, &[])), Err(Unopened::Damaged));
    }
}
