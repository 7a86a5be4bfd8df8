//! When to ask a client for a certificate, and which host a request is for.

mod hello;
mod hosts;
mod request;
mod requested;
