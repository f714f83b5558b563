//! The stable codes of this crate's diagnostics.

/// A stable code with what its page in `docs/errors/` says.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `copilot::AREA::NAME`, never changed once released.
    pub id: &'static str,
    /// One sentence: what is wrong.
    pub summary: &'static str,
    /// Markdown: why it matters and what to write instead, with an example.
    pub explanation: &'static str,
}

/// Declares the codes of a crate or module, as visible as is said first, and `ALL_CODES`, the list of them.
///
/// ```
/// copilot_yaml::codes! { pub static;
///     TOO_OLD = "copilot::example::too_old", "the format is too old", "Write `version: 1`.";
/// }
/// assert_eq!(ALL_CODES, [&TOO_OLD]);
/// ```
#[macro_export]
macro_rules! codes {
    ($visibility:vis static; $($name:ident = $id:literal, $summary:literal, $explanation:literal;)*) => {
        $(
            #[doc = $summary]
            $visibility static $name: $crate::Code =
                $crate::Code { id: $id, summary: $summary, explanation: $explanation };
        )*
        /// Every code that is declared here.
        pub static ALL_CODES: &[&$crate::Code] = &[$(&$name),*];
    };
}

codes! { pub(crate) static;
    NOT_TEXT = "copilot::yaml::not_text", "the file is not UTF-8 text",
        "A manifest is a UTF-8 text file. The file holds bytes that are no text: it may be an archive, an image, or \
         text in another encoding such as UTF-16.\n\nSave it as UTF-8.";
    TOO_LARGE = "copilot::yaml::too_large", "the file is larger than any manifest can be",
        "Files are read whole, so there is a limit of 1 MiB for a manifest. CloudFormation itself takes no template \
         above 1 MB.\n\nMove what is not configuration out of the file.";
    SYNTAX = "copilot::yaml::syntax", "the text is not well-formed YAML",
        "The label shows where the reader gave up; the mistake is there or on a line above. Frequent causes: a tab used \
         for indentation, a value with `: ` in it that is not quoted, a quote that is never closed.";
    DUPLICATE_KEY = "copilot::yaml::duplicate_key", "a key stands twice in one mapping",
        "Only one of the two values could take effect, so the file is refused. Keep one:\n\n```yaml\ncpu: 256\n# cpu: 512\n```";
    LONG_KEY = "copilot::yaml::long_key", "a key is longer than 8,192 bytes",
        "A text of this length was not meant as a key: look for a value that needs quotes, or for a quote that is never closed.";
    COMPLEX_KEY = "copilot::yaml::complex_key", "a key is a list or a mapping",
        "YAML allows lists and mappings as keys; no manifest or template has a use for them. A `{` or `[` at the start of \
         a key is usually a value that needs quotes.";
    ALIAS = "copilot::yaml::alias", "an alias can't be followed",
        "`*name` repeats the node that `&name` marks. It has to be defined above, and must not stand inside the node that \
         it repeats.";
    ALIAS_BOMB = "copilot::yaml::alias_bomb", "aliases repeat more than can be read",
        "Aliases that repeat aliases multiply: a few lines can stand for gigabytes. The reader stops at 100,000 repeated \
         nodes or 8 MiB of repeated text.";
    MERGE_KEY = "copilot::yaml::merge_key", "a merge key has no mapping to merge",
        "The value of `<<` is a mapping, an alias of one, or a list of those:\n\n```yaml\n<<: *defaults\n```";
    TOO_DEEP = "copilot::yaml::too_deep", "the file nests deeper than 128 levels",
        "No manifest or template is that deep; the text is generated or damaged.";
    EXTRA_DOCUMENT = "copilot::yaml::extra_document", "the file holds more than one document",
        "Only the first document is read; what follows the second `---` has no effect.";
}
