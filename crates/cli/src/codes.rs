//! All diagnostics that any command can print.

use copilot_yaml::Code;

/// The codes of every crate, ordered by id.
pub(crate) fn all() -> Vec<&'static Code> {
    let crates: &[&[&'static Code]] = &[
        copilot_yaml::ALL_CODES,
        copilot_workspace::ALL_CODES,
        copilot_cfn::ALL_CODES,
        copilot_manifest::buildspec::codes::ALL_CODES,
        copilot_manifest::codes::ALL_CODES,
        copilot_manifest::environment::codes::ALL_CODES,
        copilot_manifest::pipeline::codes::ALL_CODES,
        copilot_manifest::workload::codes::ALL_CODES,
        copilot_stack::codes::ALL_CODES,
        copilot_engine::codes::ALL_CODES,
        copilot_engine::doctor::codes::ALL_CODES,
        copilot_engine::migrate::codes::ALL_CODES,
    ];
    let mut codes: Vec<_> = crates.iter().flat_map(|codes| codes.iter().copied()).collect();
    codes.sort_by_key(|code| code.id);
    codes
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_codes_are_the_same() {
        let codes = super::all();
        for pair in codes.windows(2) {
            assert_ne!(pair[0].id, pair[1].id);
        }
        for code in codes {
            let parts: Vec<_> = code.id.split("::").collect();
            assert!(parts.len() == 3 && parts[0] == "copilot", "{}", code.id);
        }
    }
}
