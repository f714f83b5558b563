//! Local files that an addons template refers to, and their replacement by where they were uploaded to.

use copilot_cfn::{Map, Section, Template, Value, cfn};

/// A local file or directory that a template refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalFile<'a> {
    /// Its path as it was written: relative to the workspace's root, or absolute.
    pub path: &'a str,
    /// Whether a single file is zipped, as the code of a function is. A directory always is.
    pub zip: bool,
    /// Where the template names it, for people: `Resources.Fn.Properties.Code`.
    pub place: &'a str,
}

/// Where a local file was uploaded to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Uploaded {
    /// The bucket.
    pub bucket: String,
    /// The key in it.
    pub key: String,
    /// `https://…`.
    pub url: String,
}

/// How a property names an object in S3.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// `s3://bucket/key`.
    Uri,
    /// `https://…`.
    Url,
    /// A map with these keys for bucket and key.
    Keys(&'static str, &'static str),
}

const CODE: Form = Form::Keys("S3Bucket", "S3Key");
const OBJECT: Form = Form::Keys("Bucket", "Key");

/// Properties that name an object in S3, by type of resource; whether single files are zipped.
const PROPERTIES: &[(&str, &[&str], Form, bool)] = &[
    ("AWS::ApiGateway::RestApi", &["BodyS3Location"], OBJECT, false),
    ("AWS::Lambda::Function", &["Code"], CODE, true),
    ("AWS::Lambda::LayerVersion", &["Content"], CODE, true),
    ("AWS::Serverless::Function", &["CodeUri"], Form::Uri, true),
    ("AWS::Serverless::LayerVersion", &["ContentUri"], Form::Uri, true),
    ("AWS::Serverless::Application", &["Location"], Form::Url, false),
    ("AWS::Serverless::Api", &["DefinitionUri"], Form::Uri, false),
    ("AWS::Serverless::HttpApi", &["DefinitionUri"], Form::Uri, false),
    ("AWS::Serverless::StateMachine", &["DefinitionUri"], OBJECT, false),
    ("AWS::AppSync::GraphQLSchema", &["DefinitionS3Location"], Form::Uri, false),
    ("AWS::AppSync::Resolver", &["RequestMappingTemplateS3Location"], Form::Uri, false),
    ("AWS::AppSync::Resolver", &["ResponseMappingTemplateS3Location"], Form::Uri, false),
    ("AWS::AppSync::FunctionConfiguration", &["RequestMappingTemplateS3Location"], Form::Uri, false),
    ("AWS::AppSync::FunctionConfiguration", &["ResponseMappingTemplateS3Location"], Form::Uri, false),
    ("AWS::ElasticBeanstalk::ApplicationVersion", &["SourceBundle"], CODE, false),
    ("AWS::CloudFormation::Stack", &["TemplateURL"], Form::Url, false),
    ("AWS::Glue::Job", &["Command", "ScriptLocation"], Form::Uri, false),
    ("AWS::StepFunctions::StateMachine", &["DefinitionS3Location"], OBJECT, false),
    ("AWS::CodeCommit::Repository", &["Code", "S3"], OBJECT, true),
];

/// Replaces every reference to a local file by what `upload` answers: includes anywhere, and the properties that CloudFormation
/// reads from S3. What is an intrinsic function, or in S3 or on the web already, stays.
///
/// # Errors
/// The first error of `upload`.
pub fn replace_local_files<E>(
    template: &mut Template,
    mut upload: impl FnMut(LocalFile<'_>) -> Result<Uploaded, E>,
) -> Result<(), E> {
    use Section::{Conditions, Mappings, Metadata, Outputs, Resources};
    for section in [Metadata, Mappings, Conditions, Resources, Outputs] {
        for value in template.section_mut(section).values_mut() {
            includes(value, &mut upload)?;
        }
    }
    if let Some(transform) = &mut template.transform {
        includes(transform, &mut upload)?;
    }
    for (name, resource) in template.section_mut(Resources).iter_mut() {
        let kind = resource.get("Type").and_then(Value::as_str).unwrap_or_default().to_owned();
        for (_, path, form, zip) in PROPERTIES.iter().filter(|(known, ..)| *known == kind) {
            let found =
                path.iter().try_fold(resource.get_mut("Properties"), |value, key| Some(value?.get_mut(key)));
            let Some(Some(value)) = found else { continue };
            let place = format!("Resources.{name}.Properties.{}", path.join("."));
            replace(value, *form, *zip, &place, &mut upload)?;
        }
    }
    Ok(())
}

/// `Fn::Transform` of `AWS::Include`.
fn includes<E>(
    value: &mut Value,
    upload: &mut impl FnMut(LocalFile<'_>) -> Result<Uploaded, E>,
) -> Result<(), E> {
    match value {
        Value::List(items) => items.iter_mut().try_for_each(|item| includes(item, upload)),
        Value::Map(map) => {
            if let Some(location) = map.get_mut("Fn::Transform").and_then(included) {
                replace(location, Form::Uri, false, "AWS::Include", upload)?;
            }
            map.values_mut().try_for_each(|value| includes(value, upload))
        }
        _ => Ok(()),
    }
}

fn included(transform: &mut Value) -> Option<&mut Value> {
    let is_include = transform.get("Name").and_then(Value::as_str) == Some("AWS::Include");
    is_include.then(|| transform.get_mut("Parameters")?.get_mut("Location")).flatten()
}

fn replace<E>(
    value: &mut Value,
    form: Form,
    zip: bool,
    place: &str,
    upload: &mut impl FnMut(LocalFile<'_>) -> Result<Uploaded, E>,
) -> Result<(), E> {
    let Some(path) = value.as_str().filter(|path| is_local(path)) else { return Ok(()) };
    let Uploaded { bucket, key, url } = upload(LocalFile { path, zip, place })?;
    *value = match form {
        Form::Uri => format!("s3://{bucket}/{key}").into(),
        Form::Url => url.into(),
        Form::Keys(bucket_key, object_key) => {
            let mut map = Map::default();
            map.insert(bucket_key, bucket);
            map.insert(object_key, key);
            cfn!({ ..map })
        }
    };
    Ok(())
}

fn is_local(path: &str) -> bool {
    !path.is_empty() && !["s3://", "http://", "https://"].iter().any(|scheme| path.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use copilot_cfn::write::to_yaml;
    use copilot_cfn::{Template, cfn, intrinsic::sub};

    use super::{LocalFile, Uploaded, replace_local_files};

    #[test]
    fn what_is_local_is_replaced_and_nothing_else() {
        let template = cfn!({
            "Metadata": { "More": [{ "Fn::Transform": { "Name": "AWS::Include", "Parameters": { "Location": "more.yml" } } }] },
            "Resources": {
                "Fn": { "Type": "AWS::Lambda::Function", "Properties": { "Code": "lambdas/fn" } },
                "Inline": { "Type": "AWS::Lambda::Function", "Properties": { "Code": { "ZipFile": "x" } } },
                "Named": { "Type": "AWS::Serverless::Function", "Properties": { "CodeUri": sub("${Bucket}/x") } },
                "There": { "Type": "AWS::Serverless::Function", "Properties": { "CodeUri": "s3://b/k" } },
                "Nested": { "Type": "AWS::CloudFormation::Stack", "Properties": { "TemplateURL": "nested.yml" } },
                "Glue": { "Type": "AWS::Glue::Job", "Properties": { "Command": { "ScriptLocation": "job.py" } } },
                "Topic": { "Type": "AWS::SNS::Topic", "Properties": { "Code": "lambdas/fn" } },
            },
        });
        let mut template = Template::from_value(template).unwrap();
        let mut asked = Vec::new();
        replace_local_files(&mut template, |file: LocalFile<'_>| {
            asked.push(format!("{} zip={} at {}", file.path, file.zip, file.place));
            let key = format!("k{}", asked.len());
            Ok::<_, ()>(Uploaded { bucket: "b".into(), url: format!("https://b/{key}"), key })
        })
        .unwrap();
        insta::assert_snapshot!(asked.join("\n"), @r"
        more.yml zip=false at AWS::Include
        lambdas/fn zip=true at Resources.Fn.Properties.Code
        nested.yml zip=false at Resources.Nested.Properties.TemplateURL
        job.py zip=false at Resources.Glue.Properties.Command.ScriptLocation
        ");
        insta::assert_snapshot!(to_yaml(&template.into_value()), @r"
        Metadata:
          More:
            - !Transform
              Name: AWS::Include
              Parameters:
                Location: s3://b/k1
        Resources:
          Fn:
            Type: AWS::Lambda::Function
            Properties:
              Code:
                S3Bucket: b
                S3Key: k2
          Inline:
            Type: AWS::Lambda::Function
            Properties:
              Code:
                ZipFile: x
          Named:
            Type: AWS::Serverless::Function
            Properties:
              CodeUri: !Sub ${Bucket}/x
          There:
            Type: AWS::Serverless::Function
            Properties:
              CodeUri: s3://b/k
          Nested:
            Type: AWS::CloudFormation::Stack
            Properties:
              TemplateURL: https://b/k3
          Glue:
            Type: AWS::Glue::Job
            Properties:
              Command:
                ScriptLocation: s3://b/k4
          Topic:
            Type: AWS::SNS::Topic
            Properties:
              Code: lambdas/fn
        ");
    }

    #[test]
    fn an_error_ends_it() {
        let resources = cfn!({ "Fn": { "Type": "AWS::Lambda::Function", "Properties": { "Code": "fn" } } });
        let mut template = Template::from_value(cfn!({ "Resources": resources })).unwrap();
        assert_eq!(replace_local_files(&mut template, |_| Err("gone")), Err("gone"));
    }
}
