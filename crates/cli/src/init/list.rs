//! Lists of names as people type them.

/// The names of a list that is parted by commas, blanks or both.
pub(crate) fn names(text: &str) -> Vec<String> {
    let parts = text.split(|c: char| c == ',' || c.is_whitespace());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// As [`names`], of what a flag was given.
pub(crate) fn all_names(values: &[String]) -> Vec<String> {
    values.iter().flat_map(|value| names(value)).collect()
}

#[cfg(test)]
mod tests {
    use super::{all_names, names};

    #[test]
    fn commas_and_blanks_part_names() {
        for text in ["test,prod", "test, prod", " test prod ", "test ,, prod,", "test\tprod"] {
            assert_eq!(names(text), ["test", "prod"], "{text:?}");
        }
        assert!(names(" , ").is_empty());
        assert_eq!(all_names(&["a,".to_owned(), "b c".to_owned()]), ["a", "b", "c"]);
    }
}
