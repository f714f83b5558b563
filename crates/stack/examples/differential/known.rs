//! Differences that are meant, each with its line in `docs/differences.md`.

use crate::draw::Case;

/// What Copilot says where it can't read what it has pasted together: it breaks on texts that we keep.
const BROKEN: [&str; 3] =
    ["unmarshal YAML template", "Copilot's template can't be read", "convert stack template"];

/// Whether a difference of this kind is listed.
pub(crate) fn is_known(case: &Case, kind: &str, text: &str) -> bool {
    let http_true = ["http: true", "http: yes", "http: on"].iter().any(|text| case.manifest.contains(text));
    let refused = kind.starts_with("only Copilot refuses");
    // Copilot ends in an internal error.
    refused && text.contains("goroutine ")
        || BROKEN.iter().any(|known| kind.contains(known))
        // Whether an imported certificate has an alias is asked of AWS when the stack is deployed.
        || refused && text.contains("use aliases that are protected")
        // `http: true` sets up no load balancer, whatever the environment has.
        || http_true && (kind == "parameters: Parameters.HTTPSEnabled" || refused && text.contains("without \"alias\""))
}
