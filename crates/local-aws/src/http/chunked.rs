//! `aws-chunked` bodies: chunks with signatures between them and checksums behind.

use bytes::Bytes;

use super::message::Request;

/// A body without its framing, and the trailing headers.
pub(crate) type Unframed = (Bytes, Vec<(String, String)>);

/// The content of a request's body; none if the framing is broken.
pub(crate) fn content(request: &Request) -> Option<Unframed> {
    let framed = request.header("content-encoding").is_some_and(|encoding| encoding.contains("aws-chunked"))
        || request.header("x-amz-content-sha256").is_some_and(|hash| hash.starts_with("STREAMING-"));
    if framed { unframe(&request.body) } else { Some((request.body.clone(), Vec::new())) }
}

fn unframe(body: &[u8]) -> Option<Unframed> {
    let mut content = Vec::with_capacity(body.len());
    let mut rest = body;
    loop {
        let (head, after) = line(rest)?;
        let size = head.split(';').next()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        rest = after;
        if size == 0 {
            break;
        }
        content.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
    let mut trailers = Vec::new();
    while let Some((text, after)) = line(rest) {
        rest = after;
        if let Some((name, value)) = text.split_once(':') {
            trailers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    Some((Bytes::from(content), trailers))
}

fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    Some((std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_joined_and_trailers_read() {
        let body = b"5;chunk-signature=ab\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n";
        let (content, trailers) = unframe(body).unwrap();
        assert_eq!(&content[..], b"hello!");
        assert_eq!(trailers, [("x-amz-checksum-crc32".to_owned(), "AAAA".to_owned())]);
        assert!(unframe(b"5\r\nhel").is_none());
    }
}
