//! "Did you mean".

/// The candidate that a mistyped `name` most probably stands for, if one is close enough.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed || squeeze(candidate) == squeeze(&wanted))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters only, so that `healthCheck`, `health-check` and `health_check` are one.
fn squeeze(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_the_nearest_or_nothing() {
        let keys = ["requires_approval", "test_commands", "name", "healthcheck"];
        assert_eq!(closest("requires_aproval", keys), Some("requires_approval"));
        assert_eq!(closest("health-check", keys), Some("healthcheck"));
        assert_eq!(closest("nam", keys), Some("name"));
        assert_eq!(closest("deployments", keys), None);
    }
}
