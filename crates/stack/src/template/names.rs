//! Logical IDs, environment variable names and other names that are made from names of the user.

use std::borrow::Cow;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

/// What remains of a name in a logical ID: its ASCII letters and digits.
pub(crate) fn logical_id(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// `Base` for the first, `Base1`, `Base2`, … for those after it.
pub(crate) fn numbered(base: &'static str, index: usize) -> Cow<'static, str> {
    if index == 0 { Cow::Borrowed(base) } else { Cow::Owned(format!("{base}{index}")) }
}

/// The environment variable under which an addon's output reaches the containers: `MyTableName` is `MY_TABLE_NAME`.
///
/// Two passes, each from left to right without overlap: an underscore before a capital that follows a lower-case letter or
/// a digit, then one before the last capital of a run that a lower-case letter follows.
pub(crate) fn screaming_snake(name: &str) -> String {
    let lower_or_digit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let first: Vec<char> = name.chars().collect();
    let mut second = Vec::with_capacity(first.len() + 8);
    for (place, &c) in first.iter().enumerate() {
        if place > 0 && c.is_ascii_uppercase() && lower_or_digit(first[place - 1]) {
            second.push('_');
        }
        second.push(c);
    }
    let capital_or_digit = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    let mut out = String::with_capacity(second.len() + 8);
    let mut place = 0;
    while place < second.len() {
        let next = (second.get(place + 1), second.get(place + 2));
        match next {
            (Some(&capital), Some(&small))
                if capital_or_digit(second[place])
                    && capital.is_ascii_uppercase()
                    && small.is_ascii_lowercase() =>
            {
                out.extend([second[place], '_', capital, small]);
                place += 3;
            }
            _ => {
                out.push(second[place]);
                place += 1;
            }
        }
    }
    out.to_uppercase()
}

/// First letter in upper case, all letters after it in lower case; digits before the first letter stay.
pub(crate) fn title_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut seen = false;
    for c in name.chars() {
        if seen {
            out.push(c.to_ascii_lowercase());
        } else {
            seen = c.is_ascii_alphabetic();
            out.push(c.to_ascii_uppercase());
        }
    }
    out
}

/// The longest beginning of a text that fits into this many bytes.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    let end = (0..=bytes).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
    &text[..end]
}

/// A name of at most 64 bytes for resources whose names are limited so: a longer one than 58 bytes is cut there and gets
/// six digits of its hash.
pub(crate) fn limited_to_64(name: &str) -> String {
    if name.len() <= 58 {
        return name.to_owned();
    }
    format!("{}{}", cut(name, 58), hexadecimal(&Sha256::digest(name.as_bytes())[..3]))
}

/// Bytes as hexadecimal digits in lower case.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// CRC-32 (IEEE) of a name, the user and group ID of a workload's files on the environment's file system.
pub(crate) fn crc32(name: &str) -> u32 {
    !name.bytes().fold(!0, |crc, byte| {
        (0..8)
            .fold(crc ^ u32::from(byte), |crc: u32, _| (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    })
}

/// The partition that a region belongs to, the second field of its ARNs.
pub(crate) fn partition(region: &str) -> &'static str {
    match region.split('-').next().unwrap_or_default() {
        "cn" => "aws-cn",
        "us" if region.starts_with("us-gov-") => "aws-us-gov",
        "us" if region.starts_with("us-isob-") => "aws-iso-b",
        "us" if region.starts_with("us-iso-") => "aws-iso",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment_variables_of_outputs() {
        for (output, variable) in [
            ("usersDdbTableName", "USERS_DDB_TABLE_NAME"),
            ("MyDDBTableWithLSI", "MY_DDB_TABLE_WITH_LSI"),
            ("MyDDB2WithLSI", "MY_DDB2_WITH_LSI"),
            ("My2ndCamel", "MY2ND_CAMEL"),
            ("S3Bucket", "S3_BUCKET"),
            ("X1Y2Z3", "X1_Y2_Z3"),
            ("OAuth2Token", "O_AUTH2_TOKEN"),
            ("ABc", "A_BC"),
            ("kebab-Case", "KEBAB-CASE"),
            ("MyTable_Name", "MY_TABLE_NAME"),
        ] {
            assert_eq!(screaming_snake(output), variable, "{output}");
        }
    }

    #[test]
    fn titles_lower_what_follows() {
        for (name, title) in [
            ("myTopic", "Mytopic"),
            ("ordersDDB", "Ordersddb"),
            ("tOPIC9Name", "Topic9name"),
            ("3abc", "3Abc"),
            ("a3Bc", "A3bc"),
        ] {
            assert_eq!(title_case(name), title);
        }
        assert_eq!(logical_id("my-topic.fifo"), "mytopicfifo");
    }

    #[test]
    fn hashes_and_limits() {
        assert_eq!(crc32("svc"), 69_788_041);
        let long = format!("{}-test-{}", "a".repeat(20), "n".repeat(60));
        assert!(limited_to_64(&long).ends_with("nnd3c5a9"), "{}", limited_to_64(&long));
        assert_eq!(limited_to_64("app-test-web"), "app-test-web");
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(partition("us-gov-west-1"), "aws-us-gov");
        assert_eq!(partition("us-west-2"), "aws");
    }
}
