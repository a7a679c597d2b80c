//! Who is calling. Each kind of credential is a type; holding a value of it proves that it was
//! checked. What a proof writes (a burnt code, a first use) stays, also when the operation then
//! refuses.

use crate::form::Request;
use domain::{Refusal, Result, Scope, UserId};
use std::fmt;
use std::marker::PhantomData;
use store::token::{self, Tokens};
use store::{Access, Tx, application, code};

/// A kind of credential.
pub trait Caller: Sized {
    /// The same, as data: for the reference document and the tests.
    const PROOF: Proof;
    /// What proving needs of the store.
    const ACCESS: Access;
    /// Checks the credential of a request.
    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self>;
}

/// Kinds of credentials, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// An access token with this scope.
    Bearer(Scope),
    /// `client_id` and `client_secret`.
    ClientSecret,
}

/// For people: what a caller must have.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(scope) => write!(f, "a token with {scope}"),
            Self::ClientSecret => f.write_str("an application's secret"),
        }
    }
}

/// A scope as a type, so that an operation names it in its signature.
pub trait ScopeMark {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! marks {
    ($($name:ident),*) => { $(
        #[doc = concat!("[`Scope::", stringify!($name), "`] as a type.")]
        #[derive(Debug)]
        pub enum $name {}
        impl ScopeMark for $name {
            const SCOPE: Scope = Scope::$name;
        }
    )* };
}
marks!(Info, Metrics);

/// The holder of an access token that carries the scope `S`.
#[derive(Debug)]
pub struct Scoped<S> {
    /// Whose data the token opens.
    pub user: UserId,
    /// Which application holds it.
    pub client_id: String,
    scope: PhantomData<S>,
}

impl<S: ScopeMark> Caller for Scoped<S> {
    const PROOF: Proof = Proof::Bearer(S::SCOPE);
    /// A first use writes; the store then asks for the whole call to be run again.
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let Some(access_token) = request.access_token()? else {
            return Err(Refusal::invalid_token("no access token").into());
        };
        let grant = token::authenticate(tx, access_token)?.map_err(Refusal::invalid_token)?;
        if !grant.scopes.contains(S::SCOPE) {
            return Err(Refusal::missing_scope(S::SCOPE).into());
        }
        Ok(Self { user: grant.user, client_id: grant.client_id, scope: PhantomData })
    }
}

/// An application that knows its secret.
#[derive(Debug)]
pub struct SecretHolder {
    /// Which application.
    pub client_id: String,
}

impl Caller for SecretHolder {
    const PROOF: Proof = Proof::ClientSecret;
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let client_id = request.required("client_id")?;
        let Some(secret) = request.text("client_secret")? else {
            return Err(Refusal::invalid_client("no client_secret").into());
        };
        if !application::has_secret(tx, client_id, secret)? {
            return Err(Refusal::invalid_client("unknown client_id or wrong client_secret").into());
        }
        Ok(Self { client_id: client_id.to_owned() })
    }
}

/// An application that knows its secret and holds a good authorization code or refresh token. The
/// code is burnt by this proof, so exactly one of several callers holds this value.
#[derive(Debug)]
pub struct GrantHolder {
    /// What the grant brings.
    pub tokens: Tokens,
}

impl Caller for GrantHolder {
    const PROOF: Proof = Proof::ClientSecret;
    const ACCESS: Access = Access::Write;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let client = SecretHolder::prove(tx, request)?.client_id;
        // A grant is not used up by a request that is then refused for its form.
        for name in ["code", "redirect_uri", "refresh_token"] {
            request.text(name)?;
        }
        let tokens = match request.required("grant_type")? {
            "authorization_code" => {
                let (code, uri) = (request.required("code")?, request.required("redirect_uri")?);
                code::redeem(tx, code, &client, uri)?
            }
            "refresh_token" => token::refresh(tx, request.required("refresh_token")?, &client)?,
            _ => {
                let problem = "give authorization_code or refresh_token";
                return Err(Refusal::invalid_param("grant_type", problem).into());
            }
        };
        Ok(Self { tokens: tokens? })
    }
}
