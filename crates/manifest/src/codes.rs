//! The stable codes of this crate's diagnostics.

use copilot_yaml::Code;

macro_rules! codes {
    ($($name:ident = $id:literal, $summary:literal, $explanation:literal;)*) => {
        $(
            #[doc = $summary]
            pub static $name: Code = Code { id: $id, summary: $summary, explanation: $explanation };
        )*
        /// Every code that this crate can report.
        pub static ALL_CODES: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    WRONG_TYPE = "copilot::manifest::wrong_type", "a value has another type than its key takes",
        "The message says what the key takes. A quoted number is a string: write `port: 8080`, not `port: '8080'`.";
    UNKNOWN_KEY = "copilot::manifest::unknown_key", "a key that nothing reads",
        "Copilot ignores keys that it does not know, so a mistyped key silently has no effect. It is a warning, and an \
         error under `--strict`.";
    TRUNCATED = "copilot::manifest::truncated", "a fraction where a whole number is read",
        "Copilot cuts the fraction off: `256.5` deploys `256`. Write the whole number that you mean.";
}
