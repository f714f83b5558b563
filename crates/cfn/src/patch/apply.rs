//! Applying one patch to the tree.

use copilot_yaml::closest;

use super::{Operation, Patch};
use crate::Value;

/// Why a patch can not be applied.
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) label: String,
    pub(super) help: Option<String>,
}

impl Fault {
    fn new(message: String) -> Self {
        Self { message, label: String::new(), help: None }
    }
}

impl Patch {
    pub(super) fn apply(&self, root: &mut Value) -> Result<(), Fault> {
        let Some((last, parents)) = self.tokens.split_last() else {
            if self.operation == Operation::Remove {
                return Err(Fault::new(
                    "the empty path stands for the whole template, which can't be removed".into(),
                ));
            }
            root.clone_from(&self.value);
            return Ok(());
        };
        let mut target = root;
        for (depth, token) in parents.iter().enumerate() {
            let parent = || pointer(&parents[..depth]);
            target = match into(target, token) {
                Inside::Value(argument) => argument,
                Inside::Map(map) => match map.position(token) {
                    Some(place) => map.value_at_mut(place),
                    None => return Err(not_found(token, map.keys(), &parent())),
                },
                Inside::List(items) => {
                    let place = index(token, items.len(), items.len(), &parent())?;
                    &mut items[place]
                }
                Inside::Nothing(what) => return Err(nothing_inside(what, &parent())),
            };
        }
        self.change(target, last, &pointer(parents))
    }

    fn change(&self, target: &mut Value, token: &str, parent: &str) -> Result<(), Fault> {
        match into(target, token) {
            Inside::Value(argument) if self.operation == Operation::Remove => {
                let _ = argument;
                Err(Fault::new(format!(
                    "a function can't be without its argument: remove `{parent}` instead"
                )))
            }
            Inside::Value(argument) => {
                argument.clone_from(&self.value);
                Ok(())
            }
            Inside::Map(map) => {
                if self.operation != Operation::Add && !map.contains_key(token) {
                    return Err(not_found(token, map.keys(), parent));
                }
                if self.operation == Operation::Remove {
                    map.remove(token);
                } else {
                    map.insert(token.to_owned(), self.value.clone());
                }
                Ok(())
            }
            Inside::List(items) => {
                let places = items.len() + usize::from(self.operation == Operation::Add);
                let place = match token {
                    "-" if self.operation == Operation::Add => items.len(),
                    _ => index(token, places, items.len(), parent)?,
                };
                match self.operation {
                    Operation::Add => items.insert(place, self.value.clone()),
                    Operation::Remove => drop(items.remove(place)),
                    Operation::Replace => items[place].clone_from(&self.value),
                }
                Ok(())
            }
            Inside::Nothing(what) => Err(nothing_inside(what, parent)),
        }
    }
}

/// What a token is looked for in.
enum Inside<'a> {
    /// The token is the function's name: its argument.
    Value(&'a mut Value),
    Map(&'a mut crate::Map),
    List(&'a mut Vec<Value>),
    Nothing(&'static str),
}

fn into<'a>(value: &'a mut Value, token: &str) -> Inside<'a> {
    // `Condition` alone may be a key like any other, and there is nothing inside of it when it is not.
    let function =
        value.as_intrinsic().filter(|(name, _)| *name != "Condition").map(|(name, _)| name == token);
    match (function, value) {
        (Some(true), Value::Map(map)) => match map.values_mut().next() {
            Some(argument) => Inside::Value(argument),
            None => Inside::Nothing("an empty map"),
        },
        (Some(false), Value::Map(map)) => match map.values_mut().next() {
            Some(Value::List(items)) => Inside::List(items),
            Some(Value::Map(inner)) => Inside::Map(inner),
            _ => Inside::Nothing("a function of one value"),
        },
        (None, Value::Map(map)) => Inside::Map(map),
        (_, Value::List(items)) => Inside::List(items),
        (_, scalar) => Inside::Nothing(scalar.kind()),
    }
}

fn pointer(tokens: &[String]) -> String {
    tokens.iter().fold(String::new(), |mut text, token| {
        text.push('/');
        text.push_str(&token.replace('~', "~0").replace('/', "~1"));
        text
    })
}

fn shown(parent: &str) -> String {
    if parent.is_empty() { "the top of the template".to_owned() } else { format!("`{parent}`") }
}

fn not_found<'a>(token: &str, keys: impl Iterator<Item = &'a str>, parent: &str) -> Fault {
    let keys: Vec<&str> = keys.collect();
    Fault {
        message: format!("the key `{token}` is not at {}", shown(parent)),
        label: format!("`{token}` is not found"),
        help: closest(token, keys).map(|known| format!("did you mean `{known}`?")),
    }
}

fn nothing_inside(what: &str, parent: &str) -> Fault {
    Fault::new(format!("there is {what} at {}, and nothing inside of it", shown(parent)))
}

/// A place in a list: below `places`.
fn index(token: &str, places: usize, len: usize, parent: &str) -> Result<usize, Fault> {
    if token == "-" {
        return Err(Fault {
            message: format!(
                "`-` stands for a new item at the end of {}, which only `add` can make",
                shown(parent)
            ),
            label: String::new(),
            help: len.checked_sub(1).map(|last| format!("the last item is `{parent}/{last}`")),
        });
    }
    let Ok(place) = token.parse::<usize>() else {
        return Err(Fault::new(format!(
            "there is a list at {}, in which `{token}` is not a place",
            shown(parent)
        )));
    };
    if place < places {
        return Ok(place);
    }
    let items = if len == 1 { "item" } else { "items" };
    Err(Fault::new(format!("the list at {} has {len} {items}, so there is no place {place}", shown(parent))))
}
