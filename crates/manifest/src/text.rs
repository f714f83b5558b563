//! Forms of texts that several kinds of manifests check.

use copilot_yaml::{Source, Span};

/// Whether it is an IPv4 or IPv6 address with a length.
pub(crate) fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let Ok(address) = address.parse::<std::net::IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let decimal = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    decimal && length.parse::<u8>().is_ok_and(|length| length <= most)
}

/// The region of an ARN; `None` if the text is none.
pub(crate) fn arn_region(arn: &str) -> Option<&str> {
    let mut parts = arn.splitn(6, ':');
    let region = (parts.next()? == "arn").then(|| parts.nth(2))??;
    parts.nth(1).map(|_| region)
}

/// The part of a span that is on its first line: a label over a whole block hides what it is about.
pub(crate) fn first_line(source: &Source, span: Span) -> Span {
    let text = source.text().get(span.start..span.end).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    Span::new(span.start, span.start + line.len())
}

#[cfg(test)]
mod tests {
    use super::{arn_region, is_cidr};

    #[test]
    fn cidr_blocks_have_an_address_and_a_length() {
        for text in ["10.0.0.0/8", "192.0.2.7/32", "::/0", "2001:db8::/48"] {
            assert!(is_cidr(text), "{text}");
        }
        for text in ["10.0.0.0", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/+8", "10.0.0.0/", "::/129", "x/8", ""] {
            assert!(!is_cidr(text), "{text}");
        }
    }

    #[test]
    fn arns_have_six_parts() {
        assert_eq!(arn_region("arn:aws:acm:us-east-1:1:certificate/a:b"), Some("us-east-1"));
        assert_eq!(arn_region("arn:aws:acm:us-east-1:1"), None);
        assert_eq!(arn_region("aws:acm:us-east-1:1:a:b"), None);
    }
}
