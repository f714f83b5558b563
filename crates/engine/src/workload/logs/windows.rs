//! Ranges of times from now into the past, each longer than the one before.

use copilot_deployer::workload::Range;

/// The first reaches so many milliseconds back.
const FIRST: i64 = 10_000;
/// Each is so many times as long as the one before.
const GROWTH: i64 = 8;
/// After so many there is one with all the rest; that is after the better part of a year.
const STEPS: u32 = 8;

/// The parts of a range, the newest first. What has no end goes on beyond `now`, where clocks differ.
pub(super) fn windows(range: Range, now: i64) -> impl Iterator<Item = Range> {
    let floor = range.from.unwrap_or(0);
    let mut to = range.to;
    let mut length = FIRST;
    let mut step = 0;
    std::iter::from_fn(move || {
        let end = to.unwrap_or(now);
        if step > 0 && end <= floor {
            return None;
        }
        let from = if step == STEPS { floor } else { end.saturating_sub(length).max(floor) };
        let window = Range { from: Some(from), to };
        to = Some(from);
        step += 1;
        length = length.saturating_mul(GROWTH);
        Some(window)
    })
}

#[cfg(test)]
mod tests {
    use copilot_deployer::workload::Range;

    use super::windows;

    #[test]
    fn all_of_a_range_is_in_one_of_its_parts() {
        let now = 1_700_000_000_000;
        for range in [
            Range::default(),
            Range { from: Some(now - 500_000), to: None },
            Range { from: Some(now - 500_000), to: Some(now - 100_000) },
            Range { from: Some(now + 5), to: None },
        ] {
            let parts: Vec<Range> = windows(range, now).collect();
            assert_eq!(parts[0].to, range.to);
            assert!(parts.windows(2).all(|pair| pair[0].from == pair[1].to), "{parts:?}");
            assert_eq!(parts.last().unwrap().from, Some(range.from.unwrap_or(0)));
        }
        assert_eq!(windows(Range::default(), now).count(), 9);
    }
}
