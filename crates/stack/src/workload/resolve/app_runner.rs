//! Services of App Runner.

use copilot_manifest::decode::Spanned;
use copilot_manifest::workload::value::{Duration, Either};
use copilot_manifest::workload::{HealthCheck, RequestDrivenWebService, WorkloadConfig, defaults};

use super::Problems;
use super::container::{secrets, text, texts, variables};
use super::network::placement;
use super::subscribe::topics;
use super::task::main_image;
use crate::codes;
use crate::workload::context::Context;
use crate::workload::model::{AppRunner, AppRunnerHealthCheck, ImageRepository, PrivateAccess};

/// Resolves a service of App Runner.
pub(crate) fn app_runner<'a>(
    config: &'a WorkloadConfig,
    manifest: &'a RequestDrivenWebService,
    cx: &Context<'a>,
    problems: &mut Problems<'_>,
) -> AppRunner<'a> {
    let image = main_image(config, cx);
    let repository = ImageRepository::of(&image).unwrap_or_else(|| {
        let location = manifest.image.as_ref().and_then(|image| image.image.origin.location.as_ref());
        let span = location.map(|location| location.span).unwrap_or_default();
        let message =
            format!("App Runner can not run `{image}`: it reads images from ECR and ECR Public only");
        let help = "push the image to a repository of ECR, or let Copilot build it";
        problems.report_at(&codes::WORKLOAD_IMAGE, ["image", "location"], span, message, help);
        ImageRepository::Unknown
    });
    let http = manifest.http.as_deref();
    let number =
        |value: &Option<Spanned<i64>>, default| value.as_ref().map_or(default, |number| number.value);
    let tracing = manifest.observability.as_deref().and_then(|config| text(config.tracing.as_ref()));
    AppRunner {
        image,
        repository,
        port: manifest.image.as_ref().and_then(|image| image.port.as_ref()).map_or(0, |port| port.value),
        cpu: number(&manifest.cpu, defaults::INSTANCE_CPU),
        memory: number(&manifest.memory, defaults::INSTANCE_MEMORY),
        health_check: http.and_then(|http| http.healthcheck.as_deref()).map(health_check),
        variables: variables(manifest.variables.as_ref()),
        secrets: secrets(manifest.secrets.as_ref()),
        command: text(manifest.command.as_ref()),
        tags: texts(manifest.tags.as_ref()),
        publish: topics(manifest.publish.as_deref()),
        placement: manifest.placement().map(|found| placement(Some(found), cx.environment)),
        alias: http.and_then(|http| text(http.alias.as_ref())),
        private: http.and_then(|http| http.private.as_deref()).and_then(|private| match private {
            Either::Basic(private) => private.then_some(PrivateAccess::Environment),
            Either::Advanced(private) => {
                let endpoint = text(private.endpoint.as_ref());
                Some(endpoint.map_or(PrivateAccess::Environment, PrivateAccess::Endpoint))
            }
        }),
        tracing: tracing.is_some_and(|vendor| vendor.eq_ignore_ascii_case("awsxray")),
        scaling: text(manifest.count.as_ref()),
    }
}

fn health_check(manifest: &HealthCheck) -> AppRunnerHealthCheck<'_> {
    let check = match manifest {
        Either::Basic(path) => {
            return AppRunnerHealthCheck { path: Some(path), ..AppRunnerHealthCheck::default() };
        }
        Either::Advanced(check) => check,
    };
    let seconds = |value: &Option<Spanned<Duration>>| value.as_ref().map(|time| time.as_secs());
    let number = |value: &Option<Spanned<i64>>| value.as_ref().map(|number| number.value);
    AppRunnerHealthCheck {
        path: text(check.path.as_ref()),
        interval: seconds(&check.interval),
        timeout: seconds(&check.timeout),
        healthy_threshold: number(&check.healthy_threshold),
        unhealthy_threshold: number(&check.unhealthy_threshold),
    }
}
