//! "Did you mean".

/// Longest name, in bytes, that is compared with others: what is longer was not mistyped.
const LONGEST: usize = 100;

/// Most candidates that are looked at.
const MOST: usize = 1000;

/// The candidate that a mistyped `name` most probably stands for, if one is close enough.
///
/// Names of more than 100 bytes resemble none, and of the candidates the first 1,000 are looked at: every comparison costs the
/// product of two lengths.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > LONGEST {
        return None;
    }
    let wanted = name.to_lowercase();
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .take(MOST)
        .filter(|candidate| candidate.len() <= LONGEST)
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
