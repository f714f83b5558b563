use crate::{Map, Str, Value};

/// Writes a [`Value`](crate::Value) as CloudFormation would read it.
///
/// - Keys are string literals or expressions in parentheses.
/// - Values are `null`, nested `{…}` and `[…]`, or any expression that converts into a `Value`.
/// - `"Key"?: option` leaves the entry out when the option is `None`.
/// - `..entries` puts in the entries of a map, or the items of a list; an `Option` of an item does for a list, too.
///
/// ```
/// use copilot_cfn::{cfn, intrinsic::sub};
///
/// let retention: Option<u32> = None;
/// let extra = vec!["b".to_owned()];
/// let value = cfn!({
///     "Name": sub("${AppName}-queue"),
///     ("Key".to_owned() + "1"): ["a", ..extra],
///     "Retention"?: retention,
/// });
/// assert_eq!(value, cfn!({ "Name": { "Fn::Sub": "${AppName}-queue" }, "Key1": ["a", "b"] }));
/// ```
#[macro_export]
macro_rules! cfn {
    (null) => { $crate::Value::Null };
    ([]) => { $crate::Value::List(::std::vec::Vec::new()) };
    ([ $($items:tt)+ ]) => {{
        let mut list = $crate::__private::list_from();
        $crate::__cfn_list!(list $($items)+);
        $crate::Value::List(list)
    }};
    ({}) => { $crate::Value::Map($crate::Map::new()) };
    ({ $($entries:tt)+ }) => {{
        let mut map = $crate::Map::new();
        $crate::__cfn_map!(map $($entries)+);
        $crate::Value::Map(map)
    }};
    ($value:expr) => { $crate::Value::from($value) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cfn_list {
    ($list:ident) => {};
    ($list:ident ..$items:expr $(, $($rest:tt)*)?) => {
        $crate::__private::push_each(&mut $list, $items);
        $crate::__cfn_list!($list $($($rest)*)?);
    };
    ($list:ident null $(, $($rest:tt)*)?) => {
        $list.push($crate::Value::Null);
        $crate::__cfn_list!($list $($($rest)*)?);
    };
    ($list:ident [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $list.push($crate::cfn!([ $($inner)* ]));
        $crate::__cfn_list!($list $($($rest)*)?);
    };
    ($list:ident { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $list.push($crate::cfn!({ $($inner)* }));
        $crate::__cfn_list!($list $($($rest)*)?);
    };
    ($list:ident $item:expr $(, $($rest:tt)*)?) => {
        $list.push($crate::Value::from($item));
        $crate::__cfn_list!($list $($($rest)*)?);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cfn_map {
    ($map:ident) => {};
    ($map:ident ..$entries:expr $(, $($rest:tt)*)?) => {
        $map.extend($entries);
        $crate::__cfn_map!($map $($($rest)*)?);
    };
    ($map:ident $key:literal $($rest:tt)+) => { $crate::__cfn_entry!($map ($key) $($rest)+); };
    ($map:ident ($key:expr) $($rest:tt)+) => { $crate::__cfn_entry!($map ($key) $($rest)+); };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __cfn_entry {
    ($map:ident ($key:expr) ? : $value:expr $(, $($rest:tt)*)?) => {
        $crate::__private::insert_some(&mut $map, $key, $value);
        $crate::__cfn_map!($map $($($rest)*)?);
    };
    ($map:ident ($key:expr) : null $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::Value::Null);
        $crate::__cfn_map!($map $($($rest)*)?);
    };
    ($map:ident ($key:expr) : [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::cfn!([ $($inner)* ]));
        $crate::__cfn_map!($map $($($rest)*)?);
    };
    ($map:ident ($key:expr) : { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::cfn!({ $($inner)* }));
        $crate::__cfn_map!($map $($($rest)*)?);
    };
    ($map:ident ($key:expr) : $value:expr $(, $($rest:tt)*)?) => {
        $map.insert($key, $crate::Value::from($value));
        $crate::__cfn_map!($map $($($rest)*)?);
    };
}

/// Inserts the value when there is one.
pub fn insert_some(map: &mut Map, key: impl Into<Str>, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(key, value);
    }
}

/// Appends what the iterator yields.
pub fn push_each<V: Into<Value>>(list: &mut Vec<Value>, items: impl IntoIterator<Item = V>) {
    list.extend(items.into_iter().map(Into::into));
}

/// A list to push to. A function, so that the lint against a vector that is filled at once does not see it.
pub const fn list_from() -> Vec<Value> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use crate::intrinsic::{get_att, reference};
    use crate::{Map, Value};

    #[test]
    fn nested_literals_and_expressions() {
        let name = String::from("web");
        let value = cfn!({
            "Null": null,
            "Empty": {},
            "None": [],
            "Negative": -1,
            "Nested": { "List": [1, [2, null], { "Three": true }, ..Some("four"), ..None::<&str>], },
            (format!("{name}Role")): get_att("Role", "Arn"),
            "Method": [1, 2].len(),
            "Optional"?: Some(reference("A")),
            "Missing"?: None::<i64>,
            ..Map::from([("Spread", 1)]),
        });
        let keys: Vec<&str> = value.as_map().unwrap().keys().collect();
        assert_eq!(
            keys,
            ["Null", "Empty", "None", "Negative", "Nested", "webRole", "Method", "Optional", "Spread"]
        );
        assert_eq!(value["Nested"]["List"][2]["Three"], Value::Bool(true));
        assert_eq!(value["Nested"]["List"][3], "four".into());
        assert_eq!(value["Nested"]["List"].as_list().unwrap().len(), 4);
        assert_eq!(value["Method"], Value::Int(2));
        assert_eq!(value["webRole"]["Fn::GetAtt"][1], "Arn".into());
        assert_eq!(cfn!(null), Value::Null);
        assert_eq!(cfn!("x"), "x".into());
    }
}
