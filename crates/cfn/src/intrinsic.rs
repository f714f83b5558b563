//! CloudFormation's intrinsic functions, each as a function that returns its long form.
//!
//! Source: the user guide's "Intrinsic function reference".

use crate::{Map, Str, Value};

fn function(name: &'static str, argument: impl Into<Value>) -> Value {
    let mut map = Map::with_capacity(1);
    map.insert(name, argument);
    Value::Map(map)
}

/// `!Ref Name`: a parameter's value, a resource's physical ID, or a pseudo parameter such as `AWS::Region`.
pub fn reference(name: impl Into<Str>) -> Value {
    function("Ref", name.into())
}

/// Another name of [`reference()`], as CloudFormation spells it.
pub fn r#ref(name: impl Into<Str>) -> Value {
    reference(name)
}

/// `!Ref AWS::NoValue`: takes the property or item out in which it stands.
pub fn no_value() -> Value {
    reference("AWS::NoValue")
}

/// `!GetAtt Resource.Attribute`. The attribute may have dots of its own (`Outputs.Arn`).
pub fn get_att(resource: impl Into<Str>, attribute: impl Into<Str>) -> Value {
    function("Fn::GetAtt", vec![Value::String(resource.into()), Value::String(attribute.into())])
}

/// `!Sub text`, with references such as `${AWS::Region}` and `${Role.Arn}` in it.
///
/// A user's text must not be put into `text` as it is: `${` in it would become a reference. See [`sub_literal`].
pub fn sub(text: impl Into<Str>) -> Value {
    function("Fn::Sub", text.into())
}

/// `!Sub [text, variables]`.
pub fn sub_with<K: Into<Str>, V: Into<Value>>(
    text: impl Into<Str>,
    variables: impl IntoIterator<Item = (K, V)>,
) -> Value {
    let variables: Map = variables.into_iter().collect();
    function("Fn::Sub", vec![Value::String(text.into()), Value::Map(variables)])
}

/// Text that stands for itself inside [`sub`]: `${` becomes `${!`, which CloudFormation turns back.
pub fn sub_literal(text: &str) -> String {
    text.replace("${", "${!")
}

/// `!ImportValue name`; the name may be a [`sub`].
pub fn import_value(name: impl Into<Value>) -> Value {
    function("Fn::ImportValue", name)
}

/// `!Join [separator, items]`. The items may be a list or an intrinsic that returns one.
pub fn join(separator: impl Into<Str>, items: impl Into<Value>) -> Value {
    function("Fn::Join", vec![Value::String(separator.into()), items.into()])
}

/// `!Select [place, items]`, counted from zero.
pub fn select(place: impl Into<Value>, items: impl Into<Value>) -> Value {
    function("Fn::Select", vec![place.into(), items.into()])
}

/// `!Split [separator, text]`.
pub fn split(separator: impl Into<Str>, text: impl Into<Value>) -> Value {
    function("Fn::Split", vec![Value::String(separator.into()), text.into()])
}

/// `!Base64 text`.
pub fn base64(text: impl Into<Value>) -> Value {
    function("Fn::Base64", text)
}

/// `!Cidr [block, count, bits]`.
pub fn cidr(block: impl Into<Value>, count: impl Into<Value>, bits: impl Into<Value>) -> Value {
    function("Fn::Cidr", vec![block.into(), count.into(), bits.into()])
}

/// `!GetAZs region`; the empty string means the stack's own region.
pub fn get_azs(region: impl Into<Value>) -> Value {
    function("Fn::GetAZs", region)
}

/// `!FindInMap [map, key, second key]`.
pub fn find_in_map(map: impl Into<Value>, key: impl Into<Value>, second: impl Into<Value>) -> Value {
    function("Fn::FindInMap", vec![map.into(), key.into(), second.into()])
}

/// `!Transform {Name, Parameters}`.
pub fn transform(name: impl Into<Str>, parameters: impl Into<Value>) -> Value {
    function(
        "Fn::Transform",
        Map::from([("Name", Value::String(name.into())), ("Parameters", parameters.into())]),
    )
}

/// `!If [condition, then, otherwise]`.
pub fn cond_if(condition: impl Into<Str>, then: impl Into<Value>, otherwise: impl Into<Value>) -> Value {
    function("Fn::If", vec![Value::String(condition.into()), then.into(), otherwise.into()])
}

/// `!Condition Name`: another condition's result, inside a condition.
pub fn condition(name: impl Into<Str>) -> Value {
    function("Condition", name.into())
}

/// `!Equals [one, other]`.
pub fn equals(one: impl Into<Value>, other: impl Into<Value>) -> Value {
    function("Fn::Equals", vec![one.into(), other.into()])
}

/// `!Not [condition]`.
pub fn not(condition: impl Into<Value>) -> Value {
    function("Fn::Not", vec![condition.into()])
}

/// `!And [condition, …]`; CloudFormation takes two to ten.
pub fn and<V: Into<Value>>(conditions: impl IntoIterator<Item = V>) -> Value {
    function("Fn::And", conditions.into_iter().collect::<Value>())
}

/// `!Or [condition, …]`; CloudFormation takes two to ten.
pub fn or<V: Into<Value>>(conditions: impl IntoIterator<Item = V>) -> Value {
    function("Fn::Or", conditions.into_iter().collect::<Value>())
}
