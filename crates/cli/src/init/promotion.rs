//! In which order environments are deployed to, as their names suggest.

/// What parts of names say, from what is tried out first to what must not break.
const RANKS: [&[&str]; 5] = [
    &["sandbox", "playground", "local", "dev", "devel", "develop", "development", "feature", "preview"],
    &["ci", "int", "integration", "test", "tests", "testing", "qa", "e2e", "alpha"],
    &[
        "stage",
        "staging",
        "stg",
        "uat",
        "acceptance",
        "acc",
        "beta",
        "preprod",
        "pre",
        "perf",
        "load",
        "demo",
    ],
    // Names that say nothing.
    &[],
    &["prod", "production", "prd", "live", "main"],
];
const UNKNOWN: usize = 3;
const PRODUCTION: usize = 4;

/// The names from test-like to production-like; those that say the same, or nothing, stay in their order.
pub(crate) fn in_order(names: &[String]) -> Vec<String> {
    let mut sorted = names.to_vec();
    sorted.sort_by_key(|name| rank(name));
    sorted
}

/// Two neighbours of which the first is the more important by its name, if there are any.
pub(crate) fn unlikely(names: &[String]) -> Option<(&str, &str)> {
    let known: Vec<(usize, &str)> =
        names.iter().map(|name| (rank(name), name.as_str())).filter(|(rank, _)| *rank != UNKNOWN).collect();
    let pair = known.windows(2).find(|pair| pair[0].0 > pair[1].0)?;
    Some((pair[0].1, pair[1].1))
}

fn rank(name: &str) -> usize {
    let name = name.to_lowercase();
    // `pre-prod` and `nonprod` are not production.
    if ["preprod", "pre-prod", "nonprod", "non-prod"].iter().any(|word| name.contains(word)) {
        return 2;
    }
    let words = || name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
    let of = |word: &str| RANKS.iter().position(|rank| rank.contains(&word));
    let found: Vec<usize> = words().filter_map(of).collect();
    if let Some(rank) = found.iter().max() {
        return *rank;
    }
    // `myprod`, `testeu`.
    let begins_or_ends = |word: &str| name.starts_with(word) || name.ends_with(word);
    match () {
        () if begins_or_ends("prod") => PRODUCTION,
        () if begins_or_ends("staging") => 2,
        () if begins_or_ends("test") => 1,
        () if begins_or_ends("dev") => 0,
        () => UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::{in_order, unlikely};

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn test_comes_before_production() {
        for (given, wanted) in [
            ("prod test", "test prod"),
            ("prod-eu prod-us staging dev", "dev staging prod-eu prod-us"),
            ("production qa preprod", "qa preprod production"),
            ("live uat int sandbox", "sandbox int uat live"),
            ("zeta alpha-1 beta", "alpha-1 beta zeta"),
            ("myprod blue teststack", "teststack blue myprod"),
            ("nonprod prod", "nonprod prod"),
            ("eu us", "eu us"),
            ("test-prod test", "test test-prod"),
        ] {
            assert_eq!(in_order(&words(given)), words(wanted), "{given}");
            assert_eq!(unlikely(&words(wanted)), None, "{wanted}");
        }
    }

    #[test]
    fn an_unlikely_order_is_noticed() {
        assert_eq!(unlikely(&words("prod test")), Some(("prod", "test")));
        assert_eq!(unlikely(&words("dev prod blue staging")), Some(("prod", "staging")));
        assert_eq!(unlikely(&words("blue prod green")), None, "names that say nothing can stand anywhere");
    }
}
