//! The differences of two texts, as `diff -u` writes them.

use std::fmt::Write as _;

/// Lines around a difference.
const AROUND: usize = 3;

/// More pairs of lines than this are not compared: what lies between equal ends then counts as changed.
const MOST_PAIRS: usize = 4_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Keep,
    Remove,
    Add,
}

/// The differences of a file; nothing where there is none.
pub fn unified(file: &str, old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.split_inclusive('\n').collect(), new.split_inclusive('\n').collect());
    let steps = steps(&old, &new);
    let mut text = String::new();
    let changed: Vec<usize> =
        steps.iter().enumerate().filter(|(_, step)| **step != Step::Keep).map(|(at, _)| at).collect();
    let mut rest = changed.as_slice();
    while let Some(first) = rest.first() {
        if text.is_empty() {
            let _ = write!(text, "--- a/{file}\n+++ b/{file}\n");
        }
        let close = rest.windows(2).take_while(|pair| pair[1] - pair[0] <= 2 * AROUND + 1).count();
        let (start, end) = (first.saturating_sub(AROUND), (rest[close] + AROUND + 1).min(steps.len()));
        hunk(&steps, start..end, &old, &new, &mut text);
        rest = &rest[close + 1..];
    }
    text
}

fn hunk(steps: &[Step], range: std::ops::Range<usize>, old: &[&str], new: &[&str], text: &mut String) {
    let count = |steps: &[Step], without: Step| steps.iter().filter(|step| **step != without).count();
    let before = &steps[..range.start];
    let (mut from, mut to) = (count(before, Step::Add), count(before, Step::Remove));
    let inside = &steps[range];
    let (removed, added) = (count(inside, Step::Add), count(inside, Step::Remove));
    // A side without lines is named by the line before it.
    let place = |at: usize, lines: usize| if lines == 0 { at } else { at + 1 };
    let _ = writeln!(text, "@@ -{},{removed} +{},{added} @@", place(from, removed), place(to, added));
    for step in inside {
        let (mark, line) = match step {
            Step::Keep => (' ', old[from]),
            Step::Remove => ('-', old[from]),
            Step::Add => ('+', new[to]),
        };
        from += usize::from(*step != Step::Add);
        to += usize::from(*step != Step::Remove);
        let _ = write!(text, "{mark}{line}");
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The fewest steps from the old lines to the new ones; removals before additions.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let ends = old[head..].iter().rev().zip(new[head..].iter().rev());
    let tail = ends.take_while(|(one, other)| one == other).count();
    let (from, to) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut steps = vec![Step::Keep; head];
    if from.len().saturating_mul(to.len()) > MOST_PAIRS {
        steps.extend(from.iter().map(|_| Step::Remove).chain(to.iter().map(|_| Step::Add)));
    } else {
        middle(from, to, &mut steps);
    }
    steps.extend(std::iter::repeat_n(Step::Keep, tail));
    steps
}

fn middle(from: &[&str], to: &[&str], steps: &mut Vec<Step>) {
    let width = to.len() + 1;
    let mut longest = vec![0_u32; (from.len() + 1) * width];
    for i in (0..from.len()).rev() {
        for j in (0..to.len()).rev() {
            let (down, right) = (longest[(i + 1) * width + j], longest[i * width + j + 1]);
            longest[i * width + j] =
                if from[i] == to[j] { longest[(i + 1) * width + j + 1] + 1 } else { down.max(right) };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < from.len() || j < to.len() {
        let keeps = i < from.len() && j < to.len() && from[i] == to[j];
        let removes =
            j == to.len() || i < from.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1];
        let step = if keeps {
            Step::Keep
        } else if removes {
            Step::Remove
        } else {
            Step::Add
        };
        i += usize::from(step != Step::Add);
        j += usize::from(step != Step::Remove);
        steps.push(step);
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[test]
    fn differences_are_those_of_diff() {
        assert_eq!(unified("f", "a\n", "a\n"), "");
        let numbers = |skip: &[usize]| -> String {
            (1..=20)
                .filter(|number| !skip.contains(number))
                .map(|number| format!("{number}\n"))
                .collect::<Vec<_>>()
                .concat()
        };
        let new = numbers(&[2]).replace("18\n", "x\ny\n");
        assert_eq!(
            unified("f", &numbers(&[]), &new),
            "--- a/f\n+++ b/f\n@@ -1,5 +1,4 @@\n 1\n-2\n 3\n 4\n 5\n@@ -15,6 +14,7 @@\n 15\n 16\n 17\n-18\n+x\n+y\n 19\n 20\n"
        );
        assert_eq!(
            unified("f", "", "a"),
            "--- a/f\n+++ b/f\n@@ -0,0 +1,1 @@\n+a\n\\ No newline at end of file\n"
        );
    }
}
