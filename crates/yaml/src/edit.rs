//! Changes to a text that leave the rest of it as it is.

use crate::source::Span;

/// A change: what a span covers becomes another text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes; nothing where something is only put in.
    pub span: Span,
    /// What comes in its place.
    pub text: String,
}

impl Edit {
    /// Puts another text in the place of what is there.
    pub fn replace(span: Span, text: impl Into<String>) -> Self {
        Self { span, text: text.into() }
    }

    /// Puts a text in before the byte at `at`.
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self::replace(Span::new(at, at), text)
    }

    /// Takes out what is there.
    pub fn delete(span: Span) -> Self {
        Self::replace(span, "")
    }

    /// Makes all changes at once; every span is one of the text as it was. What is put in at one place comes in the order of the
    /// list.
    ///
    /// `None` where two changes overlap, or one ends outside of the text or in the middle of a letter.
    ///
    /// ```
    /// use copilot_yaml::{Edit, Span};
    ///
    /// let edits = [Edit::replace(Span::new(5, 6), "2"), Edit::insert(0, "# two\n")];
    /// assert_eq!(Edit::apply("cpu: 1\n", &edits).as_deref(), Some("# two\ncpu: 2\n"));
    /// ```
    pub fn apply(text: &str, edits: &[Self]) -> Option<String> {
        let mut ordered: Vec<&Self> = edits.iter().collect();
        ordered.sort_by_key(|edit| (edit.span.start, edit.span.end));
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for edit in ordered {
            // What lies before the end of the edit before is `None` as well.
            out.push_str(text.get(done..edit.span.start)?);
            text.get(edit.span.start..edit.span.end)?;
            out.push_str(&edit.text);
            done = edit.span.end;
        }
        out.push_str(text.get(done..)?);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, Span};

    #[test]
    fn changes_are_made_where_they_stand() {
        let of = |edits: &[(usize, usize, &str)]| {
            let edits: Vec<Edit> = edits
                .iter()
                .map(|(start, end, text)| Edit::replace(Span::new(*start, *end), *text))
                .collect();
            Edit::apply("aébc", &edits)
        };
        assert_eq!(of(&[]).as_deref(), Some("aébc"));
        assert_eq!(of(&[(4, 5, "C"), (0, 1, ""), (1, 1, "x"), (1, 1, "y")]).as_deref(), Some("xyébC"));
        assert_eq!(of(&[(5, 5, "!")]).as_deref(), Some("aébc!"));
        for wrong in [&[(0, 3, ""), (1, 4, "")][..], &[(2, 3, "")], &[(5, 6, "")], &[(4, 3, "")]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
    }
}
