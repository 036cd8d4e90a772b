//! Credentials: read from the environment variables that the configuration names.

use secrecy::SecretString;

use super::StartError;
use crate::{backend::wire::Credentials, suite::Target, text::scrub::SHORTEST, vars::Vars};

/// The embedded agent asks for credentials, as the platform does, but takes any. These are no
/// secret, and too short to be looked for in what is written.
pub(super) fn of_embedded_agent() -> Credentials {
    Credentials { api_key: SecretString::from("-"), token: Some(SecretString::from("-")) }
}

/// The credentials of a target.
///
/// # Errors
/// When a variable is not set, or its value could not be meant.
pub(super) fn read(
    target: &Target,
    api_key_env: &str,
    token_env: &str,
    vars: &Vars,
) -> Result<Credentials, StartError> {
    let missing = [api_key_env, token_env]
        .into_iter()
        .filter(|name| vars.get(name).is_none_or(|value| value.trim().is_empty()));
    let variables: Vec<String> = missing.map(str::to_owned).collect();
    if !variables.is_empty() {
        return Err(StartError::MissingCredentials {
            variables,
            project: target.project.clone(),
            environment: target.environment.name.clone(),
        });
    }
    let secret = |name: &str| {
        let value = vars.get(name).unwrap_or_default();
        if value.trim() != value || value.contains(['\n', '\r']) {
            return Err(StartError::StrayCharacters { variable: name.to_owned() });
        }
        if value.len() < SHORTEST {
            return Err(StartError::ShortCredential { variable: name.to_owned() });
        }
        Ok(SecretString::from(value))
    };
    Ok(Credentials { api_key: secret(api_key_env)?, token: Some(secret(token_env)?) })
}
