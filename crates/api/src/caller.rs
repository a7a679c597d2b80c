//! Who is calling. Each kind of credential is a type; holding a value of it proves that it was
//! checked. What a proof writes (a burnt code, a first use) stays, also when the operation then
//! refuses.

use crate::form::Request;
use crate::visit::{self, Who};
use domain::signature::{GET_NONCE, Signed as SignedText, TIMESTAMP_SECONDS};
use domain::{Entitlement, Refusal, Result, Scope, ScopeSet, UserId};
use std::fmt;
use std::marker::PhantomData;
use store::token::{self, Tokens};
use store::{Access, Tx, application, code, nonce};

/// A kind of credential.
pub trait Caller: Sized {
    /// The same, as data: for the reference document and the tests.
    const PROOF: Proof;
    /// What proving needs of the store.
    const ACCESS: Access;
    /// Checks the credential of a request.
    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self>;
    /// Whether what it was given lets it change anything.
    fn may_write(&self) -> bool {
        true
    }
}

/// Kinds of credentials, as data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// An access token with this scope.
    Bearer(Scope),
    /// An access token, whatever its scopes.
    AnyBearer,
    /// An access token with this scope, or a signed call.
    BearerOrSigned(Scope),
    /// An access token, whatever its scopes, or a signed call, or both.
    AnyBearerOrSigned,
    /// `client_id` with `client_secret`, or a signed call.
    SecretOrSigned,
    /// A signed call of an application that has one of these entitlements; of any if there are
    /// none.
    Signed(&'static [Entitlement]),
    /// A call that signs the time, as its caller has no nonce yet.
    Timestamp,
}

/// For people: what a caller must have.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(scope) => write!(f, "a token with {scope}"),
            Self::AnyBearer => f.write_str("a token, whatever its scopes"),
            Self::BearerOrSigned(scope) => {
                write!(f, "a token with {scope}, or an application's signature")
            }
            Self::AnyBearerOrSigned => {
                f.write_str("a token, whatever its scopes, or an application's signature")
            }
            Self::SecretOrSigned => f.write_str("an application's secret or signature"),
            Self::Signed([]) => f.write_str("an application's signature"),
            Self::Signed(any_of) => {
                let names: Vec<_> = any_of.iter().map(|one| one.name()).collect();
                write!(f, "the signature of an application with {}", names.join(" or "))
            }
            Self::Timestamp => f.write_str("an application's signature of the time"),
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
marks!(Info, Metrics, Activity, RawData, Delete);

/// The holder of an access token that carries the scope `S`.
#[derive(Debug)]
pub struct Scoped<S> {
    /// Whose data the token opens.
    pub user: UserId,
    /// Which application holds it.
    pub client_id: String,
    is_read_only: bool,
    scope: PhantomData<S>,
}

impl<S: ScopeMark> Caller for Scoped<S> {
    const PROOF: Proof = Proof::Bearer(S::SCOPE);
    /// A first use writes; the store then asks for the whole call to be run again.
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let grant = authenticate(tx, request)?;
        if !grant.scopes.contains(S::SCOPE) {
            return Err(Refusal::missing_scope(S::SCOPE).into());
        }
        let (user, client_id, is_read_only) = (grant.user, grant.client_id, grant.is_read_only);
        Ok(Self { user, client_id, is_read_only, scope: PhantomData })
    }

    fn may_write(&self) -> bool {
        !self.is_read_only
    }
}

/// The grant behind the access token of a request.
fn authenticate(tx: &mut Tx<'_>, request: &Request) -> Result<token::Grant> {
    let Some(access_token) = request.access_token()? else {
        return Err(Refusal::invalid_token("no access token").into());
    };
    let grant = match token::authenticate(tx, access_token)? {
        Ok(grant) => grant,
        Err(dead) => {
            if let Some(client_id) = &dead.client_id {
                visit::names(request, client_id);
            }
            return Err(Refusal::invalid_token(dead.cause).into());
        }
    };
    visit::admit(tx, request, Who { client_id: &grant.client_id, user: Some(grant.user) })?;
    Ok(grant)
}

/// The holder of an access token, whatever it opens.
#[derive(Debug)]
pub struct Holder {
    /// Whose data the token opens.
    pub user: UserId,
    /// Which application holds it.
    pub client_id: String,
    /// What of it.
    pub scopes: ScopeSet,
    is_read_only: bool,
}

impl Caller for Holder {
    const PROOF: Proof = Proof::AnyBearer;
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let token::Grant { user, client_id, scopes, is_read_only, .. } = authenticate(tx, request)?;
        Ok(Self { user, client_id, scopes, is_read_only })
    }

    fn may_write(&self) -> bool {
        !self.is_read_only
    }
}

/// The holder of an access token that carries the scope `S`, or an application that signed its
/// call. A call with a signature counts as signed.
#[derive(Debug)]
pub enum ScopedOrSigned<S> {
    /// With a token.
    Scoped(Scoped<S>),
    /// Signed, by this application.
    Signed(String),
}

impl<S: ScopeMark> Caller for ScopedOrSigned<S> {
    const PROOF: Proof = Proof::BearerOrSigned(S::SCOPE);
    /// A signed call burns its nonce; the store then asks for the whole call to be run again.
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        if request.text("signature")?.is_none() {
            return Scoped::prove(tx, request).map(Self::Scoped);
        }
        Signed::<Anybody>::prove(tx, request).map(|signed| Self::Signed(signed.client_id))
    }

    fn may_write(&self) -> bool {
        match self {
            Self::Scoped(caller) => caller.may_write(),
            Self::Signed(_) => true,
        }
    }
}

/// The holder of an access token, or an application that signed its call, or both at once; then
/// both have to be good, and the same application's.
#[derive(Debug)]
pub struct HolderOrSigned {
    /// Which application.
    pub client_id: String,
    /// The holder, if there is a token.
    pub holder: Option<Holder>,
    /// Whether the call is signed.
    pub is_signed: bool,
}

impl Caller for HolderOrSigned {
    const PROOF: Proof = Proof::AnyBearerOrSigned;
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let is_signed = request.text("signature")?.is_some();
        let has_token = request.access_token()?.is_some();
        let holder = (has_token || !is_signed).then(|| Holder::prove(tx, request)).transpose()?;
        if is_signed {
            let client_id = Signed::<Anybody>::prove(tx, request)?.client_id;
            if holder.as_ref().is_some_and(|holder| holder.client_id != client_id) {
                let cause = "the token is another application's than the signature";
                return Err(Refusal::invalid_token(cause).into());
            }
            return Ok(Self { client_id, holder, is_signed });
        }
        let client_id = holder.as_ref().map(|holder| holder.client_id.clone());
        Ok(Self { client_id: client_id.unwrap_or_default(), holder, is_signed })
    }

    fn may_write(&self) -> bool {
        self.holder.as_ref().is_none_or(Caller::may_write)
    }
}

/// What an application must be let do, as a type, so that an operation names it in its signature.
pub trait EntitlementMark {
    /// One of these; none: every application may.
    const ANY_OF: &'static [Entitlement];
}

/// Every application.
#[derive(Debug)]
pub enum Anybody {}
impl EntitlementMark for Anybody {
    const ANY_OF: &'static [Entitlement] = &[];
}

macro_rules! entitled {
    ($($(#[$doc:meta])* $name:ident: $($one:ident)|+;)*) => { $(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl EntitlementMark for $name {
            const ANY_OF: &'static [Entitlement] = &[$(Entitlement::$one),+];
        }
    )* };
}
entitled! {
    /// An application under a contract, whatever it is for.
    Partner: Sdk | Cellular | Logistics | Rpm;
    /// An application that makes accounts for people.
    AccountMaker: Sdk | Cellular;
    /// An application for devices that need no app.
    Cellular: Cellular;
    /// An application that has devices sent to people.
    Logistics: Logistics;
    /// An application that has devices sent, to people whose accounts it makes or to others.
    Orderer: Cellular | Logistics;
    /// An application of remote patient monitoring.
    Monitoring: Rpm;
}

/// An application that signed its call with a nonce. The nonce is burnt by this proof, so exactly
/// one of several callers holds this value.
#[derive(Debug)]
pub struct Signed<E> {
    /// Which application.
    pub client_id: String,
    entitlement: PhantomData<E>,
}

impl<E: EntitlementMark> Caller for Signed<E> {
    const PROOF: Proof = Proof::Signed(E::ANY_OF);
    const ACCESS: Access = Access::Write;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let client_id = prove_signature(tx, request)?;
        visit::admit(tx, request, Who { client_id: &client_id, user: None })?;
        let has = application::entitlements(tx, &client_id)?;
        if !E::ANY_OF.is_empty() && !E::ANY_OF.iter().any(|one| has.contains(one)) {
            let cause = format!("the application lacks what this needs: {}", Self::PROOF);
            return Err(Refusal::not_entitled(cause).into());
        }
        Ok(Self { client_id, entitlement: PhantomData })
    }
}

/// Checks the signature over the action, the application and a nonce, then burns the nonce. Whoever
/// cannot sign burns none, as knowing one must not be enough to spoil it.
fn prove_signature(tx: &mut Tx<'_>, request: &Request) -> Result<String> {
    let (client_id, nonce) = (request.required("client_id")?, request.required("nonce")?);
    check_signature(tx, request, client_id, nonce)?;
    if !nonce::burn(tx, client_id, nonce)? {
        let cause = "the nonce is used, expired, or another application's";
        return Err(Refusal::invalid_signature(cause).into());
    }
    Ok(client_id.to_owned())
}

fn check_signature(
    tx: &mut Tx<'_>,
    request: &Request,
    client_id: &str,
    nonce_or_timestamp: &str,
) -> Result<()> {
    let signature = request.required("signature")?;
    let action = request.text("action")?.unwrap_or_default();
    let secrets = application::secrets(tx, client_id)?;
    if secrets.is_empty() {
        return Err(Refusal::invalid_signature("unknown client_id").into());
    }
    visit::names(request, client_id);
    let signed = SignedText { action, client_id, nonce_or_timestamp };
    if !secrets.iter().any(|secret| signed.is_signed(secret, signature)) {
        let cause = "the signature is wrong: it covers action, client_id and nonce or timestamp, \
                     joined by commas, with the client secret's text as the key";
        return Err(Refusal::invalid_signature(cause).into());
    }
    Ok(())
}

/// An application that signed the time: it has no nonce yet.
#[derive(Debug)]
pub struct TimeSigned {
    /// Which application.
    pub client_id: String,
}

impl Caller for TimeSigned {
    const PROOF: Proof = Proof::Timestamp;
    const ACCESS: Access = Access::Read;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        debug_assert_eq!(request.text("action"), Ok(Some(GET_NONCE)));
        let (client_id, text) = (request.required("client_id")?, request.required("timestamp")?);
        let problem = "expected the time in Unix seconds, within ten minutes of the server's";
        let timestamp: i64 =
            text.parse().map_err(|_| Refusal::invalid_param("timestamp", problem))?;
        check_signature(tx, request, client_id, text)?;
        // A sandbox's clock may be turned; that of whoever signs is not.
        let is_near = |now: i64| timestamp.abs_diff(now) <= TIMESTAMP_SECONDS.unsigned_abs();
        if !is_near(tx.now()) && !is_near(tx.clock().wall()) {
            return Err(Refusal::invalid_param("timestamp", problem).into());
        }
        visit::admit(tx, request, Who { client_id, user: None })?;
        Ok(Self { client_id: client_id.to_owned() })
    }
}

/// An application that proves itself by its secret, or by a signed call. Both together: the secret
/// counts.
fn prove_application(tx: &mut Tx<'_>, request: &Request) -> Result<String> {
    let client_id = request.required("client_id")?;
    let secret = request.text("client_secret")?;
    if secret.is_none() && request.text("signature")?.is_some() {
        return prove_signature(tx, request);
    }
    let Some(secret) = secret else {
        return Err(Refusal::invalid_client("no client_secret").into());
    };
    if !application::has_secret(tx, client_id, secret)? {
        return Err(Refusal::invalid_client("unknown client_id or wrong client_secret").into());
    }
    Ok(client_id.to_owned())
}

/// An application that proved itself and holds a good authorization code or refresh token. The code
/// is burnt by this proof, so exactly one of several callers holds this value.
#[derive(Debug)]
pub struct GrantHolder {
    /// What the grant brings.
    pub tokens: Tokens,
}

impl Caller for GrantHolder {
    const PROOF: Proof = Proof::SecretOrSigned;
    const ACCESS: Access = Access::Write;

    fn prove(tx: &mut Tx<'_>, request: &Request) -> Result<Self> {
        let client = prove_application(tx, request)?;
        visit::admit(tx, request, Who { client_id: &client, user: None })?;
        // A grant is not used up by a request that is then refused for its form.
        for name in ["code", "redirect_uri", "refresh_token", "code_verifier"] {
            request.text(name)?;
        }
        let tokens = match request.required("grant_type")? {
            "authorization_code" => {
                let (code, redirect_uri) =
                    (request.required("code")?, request.required("redirect_uri")?);
                let verifier = request.text("code_verifier")?;
                code::redeem(
                    tx,
                    &code::Presented { code, client_id: &client, redirect_uri, verifier },
                )?
            }
            "refresh_token" => token::refresh(tx, request.required("refresh_token")?, &client)?,
            _ => {
                let problem = "give authorization_code or refresh_token";
                return Err(Refusal::invalid_param("grant_type", problem).into());
            }
        };
        let tokens = tokens?;
        visit::concerns(request, tokens.user);
        Ok(Self { tokens })
    }
}
