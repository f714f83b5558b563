//! Versions of templates.

/// `v1.33.0` as numbers; what follows the third one does not count.
pub(crate) fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut parts = version.strip_prefix('v').unwrap_or(version).splitn(3, '.');
    let mut next = || {
        let digits = parts.next()?.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse().ok()
    };
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_of_environments() {
        assert_eq!(numbers("v1.33.0"), Some([1, 33, 0]));
        assert_eq!(numbers("v1.9.2-3-gabc"), Some([1, 9, 2]));
        assert_eq!(numbers("bootstrap"), None);
    }
}
