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
    FACTS_MISSING = "copilot::facts::missing", "a facts file lacks a key without which nothing can be rendered",
        "The message names the key. `copilot-pipeline facts` writes a complete file from what AWS knows:\n\n\
         ```yaml\napplication:\n  name: shop\n  account_id: '111122223333'\n```";
}
