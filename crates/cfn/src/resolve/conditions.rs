//! Whether conditions hold.

use super::Resolver;
use crate::Value;

impl Resolver<'_> {
    /// Whether a condition holds, if that is known.
    pub(super) fn condition(&self, name: &str) -> Option<bool> {
        if let Some(decided) = self.conditions.borrow().get(name) {
            return *decided;
        }
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let decided = self.holds(self.template.get("Conditions")?.get(name)?);
        self.conditions.borrow_mut().insert(name.to_owned(), decided);
        decided
    }

    fn holds(&self, expression: &Value) -> Option<bool> {
        let (function, argument) = expression.as_intrinsic()?;
        let mut all = argument.as_list().unwrap_or_default().iter().map(|item| self.holds(item));
        match function {
            "Condition" => self.condition(argument.as_str()?),
            "Fn::Equals" => match argument.as_list()? {
                [one, other] => equal(&self.value(one), &self.value(other)),
                _ => None,
            },
            "Fn::Not" => all.next()?.map(|holds| !holds),
            "Fn::And" => all
                .try_fold(Some(true), |before, holds| match (before, holds) {
                    (_, Some(false)) => Err(Some(false)),
                    (before, holds) => Ok(before.and(holds)),
                })
                .unwrap_or_else(|decided| decided),
            "Fn::Or" => all
                .try_fold(Some(false), |before, holds| match (before, holds) {
                    (_, Some(true)) => Err(Some(true)),
                    (before, holds) => Ok(before.and(holds)),
                })
                .unwrap_or_else(|decided| decided),
            _ => None,
        }
    }
}

/// Whether two values are the same, if both are known. Conditions compare text.
fn equal(one: &Value, other: &Value) -> Option<bool> {
    match (one, other) {
        (Value::List(one), Value::List(other)) => {
            let pairs: Option<Vec<bool>> =
                one.iter().zip(other).map(|(one, other)| equal(one, other)).collect();
            Some(one.len() == other.len() && pairs?.into_iter().all(|same| same))
        }
        _ if one == other => Some(true),
        _ => Some(one.scalar_text()? == other.scalar_text()?),
    }
}
