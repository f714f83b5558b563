//! The arguments of a build, which users compare with what they typed before.

use std::ffi::OsString;

use super::{BuildRequest, EngineKind};
use crate::SecretSource;

/// The arguments of a build, and the environment that carries its secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildArgs {
    /// Arguments, from `build` on.
    pub args: Vec<OsString>,
    /// Variables for the command.
    pub env: Vec<(String, String)>,
}

/// The arguments that build an image: names, `--cache-from`, `--target`, `--platform`, `--progress`, build arguments
/// and labels by name, secrets, the context, and the Dockerfile last.
pub fn build_args(kind: EngineKind, buildkit: bool, request: &BuildRequest<'_>) -> BuildArgs {
    let spec = request.spec;
    let mut out = BuildArgs::default();
    let mut flag = |name: &str, value: OsString| out.args.extend([OsString::from(name), value]);
    for name in request.names {
        flag("-t", name.into());
    }
    for image in &spec.cache_from {
        flag("--cache-from", image.into());
    }
    if let Some(target) = &spec.target {
        flag("--target", target.into());
    }
    if let Some(platform) = &spec.platform {
        flag("--platform", platform.into());
    }
    match kind {
        EngineKind::Docker if buildkit => flag("--progress", "plain".into()),
        EngineKind::Finch => flag("--progress", "plain".into()),
        // The OCI format has no health checks.
        EngineKind::Podman => flag("--format", "docker".into()),
        EngineKind::Docker => {}
    }
    for (name, value) in &spec.args {
        flag("--build-arg", format!("{name}={value}").into());
    }
    for (name, value) in &spec.labels {
        flag("--label", format!("{name}={value}").into());
    }
    let mut env = Vec::new();
    for (index, secret) in spec.secrets.iter().enumerate() {
        flag("--secret", secret_argument(index, &secret.id, &secret.source, &mut env));
    }
    if kind == EngineKind::Podman
        && let Some(ignore) = crate::DockerIgnore::locate(&spec.dockerfile, &spec.context)
    {
        // Podman would prefer a `.containerignore`, which docker and the image's identity do not know.
        flag("--ignorefile", ignore.into());
    }
    out.args.insert(0, "build".into());
    out.args.extend([spec.context.clone().into(), "-f".into(), spec.dockerfile.clone().into()]);
    out.env = env;
    out
}

fn secret_argument(
    index: usize,
    id: &str,
    source: &SecretSource,
    env: &mut Vec<(String, String)>,
) -> OsString {
    match source {
        SecretSource::Env(name) => format!("id={id},env={name}").into(),
        SecretSource::File(path) => {
            let mut argument = OsString::from(format!("id={id},src="));
            argument.push(path);
            argument
        }
        SecretSource::Value(value) => {
            let name = format!("COPILOT_BUILD_SECRET_{index}");
            env.push((name.clone(), value.clone()));
            format!("id={id},env={name}").into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BuildSecret, BuildSpec};

    fn spec() -> BuildSpec {
        BuildSpec {
            dockerfile: "/ws/Dockerfile".into(),
            context: "/ws".into(),
            args: [("Z", "1"), ("A", "2 3")].map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
            target: Some("prod".into()),
            cache_from: vec!["x:1".into()],
            labels: [("b".to_owned(), "2".to_owned()), ("a".to_owned(), "1".to_owned())].into(),
            ..BuildSpec::default()
        }
    }

    fn shown(kind: EngineKind, buildkit: bool, spec: &BuildSpec) -> String {
        let names = ["U:latest".to_owned(), "U:t".to_owned()];
        let built = build_args(kind, buildkit, &BuildRequest { image: "api", spec, names: &names });
        built.args.iter().map(|a| a.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn arguments_come_in_the_order_users_know() {
        insta::assert_snapshot!(shown(EngineKind::Docker, false, &spec()), @"build -t U:latest -t U:t --cache-from x:1 --target prod --build-arg A=2 3 --build-arg Z=1 --label a=1 --label b=2 /ws -f /ws/Dockerfile");
        let arm = BuildSpec { platform: Some("linux/arm64".into()), ..spec() };
        insta::assert_snapshot!(shown(EngineKind::Docker, true, &arm), @"build -t U:latest -t U:t --cache-from x:1 --target prod --platform linux/arm64 --progress plain --build-arg A=2 3 --build-arg Z=1 --label a=1 --label b=2 /ws -f /ws/Dockerfile");
        insta::assert_snapshot!(shown(EngineKind::Podman, false, &BuildSpec::default()), @"build -t U:latest -t U:t --format docker  -f ");
    }

    #[test]
    fn the_value_of_a_secret_is_in_the_environment_only() {
        let secrets = [
            ("npm", SecretSource::Value("hunter2".into())),
            ("pip", SecretSource::Env("PIP_TOKEN".into())),
            ("ssh", SecretSource::File("/keys/id".into())),
        ];
        let secrets = secrets.map(|(id, source)| BuildSecret { id: id.into(), source }).into();
        let spec = BuildSpec { secrets, ..BuildSpec::default() };
        let built =
            build_args(EngineKind::Docker, true, &BuildRequest { image: "api", spec: &spec, names: &[] });
        insta::assert_snapshot!(shown(EngineKind::Docker, true, &spec), @"build -t U:latest -t U:t --progress plain --secret id=npm,env=COPILOT_BUILD_SECRET_0 --secret id=pip,env=PIP_TOKEN --secret id=ssh,src=/keys/id  -f ");
        assert_eq!(built.env, [("COPILOT_BUILD_SECRET_0".to_owned(), "hunter2".to_owned())]);
    }
}
