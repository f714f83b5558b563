//! The longest common subsequence of two lists.

/// More pairs than this are not compared: what lies between the equal ends is then replaced as a whole.
const MOST_PAIRS: usize = 4_000_000;

/// One step from the old list to the new one, with places in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    Keep(usize, usize),
    Remove(usize),
    Add(usize),
}

/// The fewest removals and additions that turn the old list into the new one; removals come before additions.
pub(super) fn edits<T: PartialEq>(old: &[T], new: &[T]) -> Vec<Edit> {
    let head = old.iter().zip(new).take_while(|(one, other)| one == other).count();
    let tail = old[head..]
        .iter()
        .rev()
        .zip(new[head..].iter().rev())
        .take_while(|(one, other)| one == other)
        .count();
    let (from, to) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut edits: Vec<Edit> = (0..head).map(|place| Edit::Keep(place, place)).collect();
    if from.len().saturating_mul(to.len()) > MOST_PAIRS {
        edits.extend((0..from.len()).map(|place| Edit::Remove(head + place)));
        edits.extend((0..to.len()).map(|place| Edit::Add(head + place)));
    } else {
        middle(from, to, head, &mut edits);
    }
    edits.extend((0..tail).map(|place| Edit::Keep(old.len() - tail + place, new.len() - tail + place)));
    edits
}

fn middle<T: PartialEq>(from: &[T], to: &[T], head: usize, edits: &mut Vec<Edit>) {
    let width = to.len() + 1;
    let mut longest = vec![0_u32; (from.len() + 1) * width];
    for i in (0..from.len()).rev() {
        for j in (0..to.len()).rev() {
            longest[i * width + j] = if from[i] == to[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < from.len() || j < to.len() {
        if i < from.len() && j < to.len() && from[i] == to[j] {
            edits.push(Edit::Keep(head + i, head + j));
            (i, j) = (i + 1, j + 1);
        } else if i < from.len()
            && (j == to.len() || longest[(i + 1) * width + j] >= longest[i * width + j + 1])
        {
            edits.push(Edit::Remove(head + i));
            i += 1;
        } else {
            edits.push(Edit::Add(head + j));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, edits};

    fn apply(old: &str, new: &str) -> (String, usize) {
        let (old, new): (Vec<char>, Vec<char>) = (old.chars().collect(), new.chars().collect());
        let edits = edits(&old, &new);
        let kept = edits.iter().filter(|edit| matches!(edit, Edit::Keep(..))).count();
        let made = edits
            .iter()
            .filter_map(|edit| match *edit {
                Edit::Keep(from, to) => {
                    assert_eq!(old[from], new[to]);
                    Some(new[to])
                }
                Edit::Add(to) => Some(new[to]),
                Edit::Remove(_) => None,
            })
            .collect();
        (made, kept)
    }

    #[test]
    fn edits_make_the_new_list_and_keep_the_most() {
        for (old, new, kept) in [
            ("", "", 0),
            ("", "abc", 0),
            ("abc", "", 0),
            ("abc", "abc", 3),
            ("abcabba", "cbabac", 4),
            ("xaxbxc", "abc", 3),
            ("aab", "ab", 2),
        ] {
            assert_eq!(apply(old, new), (new.to_owned(), kept), "{old} to {new}");
        }
    }
}
