//! Numbers as Go prints them, in which deployed stacks hold them.

use copilot_cfn::{Plain, Value};

/// A number that was no integer to Copilot: from a million on and below one ten-thousandth it has an exponent.
pub(crate) fn float(number: f64) -> Value {
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return number.into() };
    let Ok(exponent) = exponent.parse::<i32>() else { return number.into() };
    if (-4..6).contains(&exponent) {
        return number.into();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    let text = format!("{mantissa}e{sign}{:02}", exponent.abs());
    Plain::new(text.clone()).map_or_else(|| text.into(), Value::Plain)
}

#[cfg(test)]
mod tests {
    use super::float;

    #[test]
    fn as_in_deployed_stacks() {
        for (number, text) in [
            (120.0, "120"),
            (0.0, "0"),
            (1.5, "1.5"),
            (997_200.0, "997200"),
            (2_592_000.0, "2.592e+06"),
            (123_456_789.0, "1.23456789e+08"),
            (9_223_369_200.0, "9.2233692e+09"),
            (1e-7, "1e-07"),
            (0.000_01, "1e-05"),
            (0.000_1, "0.0001"),
        ] {
            assert_eq!(float(number).scalar_text().unwrap(), text);
        }
    }
}
