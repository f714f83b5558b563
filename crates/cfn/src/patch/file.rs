//! Reading the file.

use copilot_yaml::{Code, Diagnostic, Diagnostics, Node, Source, Span, closest, parse};

use super::{Operation, Patch, Patches};
use crate::{codes, read};

const KEYS: [&str; 3] = ["op", "path", "value"];
const OPERATIONS: [Operation; 3] = [Operation::Add, Operation::Remove, Operation::Replace];
/// No template is deeper; the sum of this and the reader's own limit keeps a patched template within what can be written.
const DEEPEST: usize = 128;

impl Patches {
    /// Reads a patches file and reports everything that is wrong with it.
    ///
    /// Returns `None` when there was an error.
    pub fn read(source: &Source, diagnostics: &mut Diagnostics) -> Option<Self> {
        let mut found = Diagnostics::default();
        let patches = parse(source, &mut found).map(|root| Reader { source, found: &mut found }.file(&root));
        let refused = found.has_errors();
        diagnostics.extend(found);
        patches.filter(|_| !refused).map(|patches| Self { source: source.clone(), patches })
    }
}

struct Reader<'a> {
    source: &'a Source,
    found: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn file(&mut self, root: &Node) -> Vec<Patch> {
        if root.is_null() {
            return Vec::new();
        }
        let Some(items) = root.as_sequence() else {
            self.shape(root, "the file", "a list of patches", String::new());
            return Vec::new();
        };
        items.iter().enumerate().filter_map(|(index, item)| self.patch(item, index)).collect()
    }

    fn patch(&mut self, item: &Node, index: usize) -> Option<Patch> {
        let Some(entries) = item.as_mapping() else {
            self.shape(item, "a patch", "a mapping with `op`, `path` and `value`", format!("[{index}]"));
            return None;
        };
        for entry in entries.iter().filter(|entry| !KEYS.contains(&&*entry.key.text)) {
            let key = &entry.key.text;
            let mut diagnostic =
                Diagnostic::warning(&codes::PATCH_UNKNOWN_KEY, format!("unknown key `{key}` in a patch"))
                    .at(self.source, entry.key.span, "has no effect")
                    .path(format!("[{index}].{key}"));
            diagnostic.help = closest(key, KEYS).map(|known| format!("did you mean `{known}`?"));
            self.found.push(diagnostic);
        }
        let operation = self.operation(item, index);
        let path = self.path(item, index);
        let value = item.get("value").map(read::from_node);
        if let (None, Some(operation @ (Operation::Add | Operation::Replace))) = (&value, operation) {
            let message = format!("a patch with `op: {}` needs a value", operation.as_str());
            self.found.push(
                Diagnostic::error(&codes::PATCH_VALUE, message)
                    .at(self.source, item.span, "no `value` here")
                    .path(format!("[{index}]"))
                    .help("add `value:` with what shall stand there; `value: null` sets null"),
            );
        }
        let (tokens, span) = path?;
        Some(Patch { operation: operation?, tokens, value: value.unwrap_or_default(), span })
    }

    fn operation(&mut self, item: &Node, index: usize) -> Option<Operation> {
        let (node, text) = self.text(item, "op", "an operation", &codes::PATCH_OPERATION, index)?;
        let known = OPERATIONS.into_iter().find(|operation| operation.as_str() == text);
        if known.is_none() {
            self.found.push(
                Diagnostic::error(
                    &codes::PATCH_OPERATION,
                    format!("the operation `{text}` is not supported"),
                )
                .at(self.source, node.span, "no known operation")
                .path(format!("[{index}].op"))
                .help("the operations are `add`, `remove` and `replace`"),
            );
        }
        known
    }

    fn path(&mut self, item: &Node, index: usize) -> Option<(Vec<String>, Span)> {
        let (node, text) = self.text(item, "path", "a path", &codes::PATCH_PATH, index)?;
        let mut parts = text.split('/');
        if parts.next() != Some("") {
            self.found.push(
                Diagnostic::error(&codes::PATCH_PATH, format!("the path `{text}` does not begin with `/`"))
                    .at(self.source, node.span, "no leading `/`")
                    .path(format!("[{index}].path"))
                    .help(format!("write `/{text}`")),
            );
            return None;
        }
        let tokens: Vec<String> = parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        if tokens.len() > DEEPEST {
            let message = format!("the path has {} parts; no template is that deep", tokens.len());
            self.found.push(
                Diagnostic::error(&codes::PATCH_PATH, message)
                    .at(self.source, node.span, "too long")
                    .path(format!("[{index}].path")),
            );
            return None;
        }
        Some((tokens, node.span))
    }

    /// The text under a key that every patch needs.
    fn text<'n>(
        &mut self,
        item: &'n Node,
        key: &str,
        what: &str,
        code: &'static Code,
        index: usize,
    ) -> Option<(&'n Node, &'n str)> {
        let node = item.get(key);
        let found = node.and_then(|node| Some((node, node.as_str()?)));
        if found.is_none() {
            let span = node.map_or(item.span, |node| node.span);
            self.found.push(
                Diagnostic::error(code, format!("a patch needs {what}"))
                    .at(self.source, span, format!("no text under `{key}`"))
                    .path(format!("[{index}].{key}"))
                    .help("write for example `op: replace` and `path: /Resources/Service/Properties/DesiredCount`"),
            );
        }
        found
    }

    fn shape(&mut self, node: &Node, what: &str, expected: &str, path: String) {
        self.found.push(
            Diagnostic::error(
                &codes::PATCH_SHAPE,
                format!("{what} has to be {expected}, not {}", node.describe()),
            )
            .at(self.source, node.span, format!("is {}", node.describe()))
            .path(path)
            .help("write a list: `- op: add`, and below it `path:` and `value:`"),
        );
    }
}
