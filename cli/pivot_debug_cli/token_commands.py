"""``pivot-debug token``: make, list and revoke the tokens that clients send as X-Auth-Token."""

from typing import Annotated, Any

import typer

from pivot_debug import clock, tokens
from pivot_debug.errors import InvalidTokenError
from pivot_debug.tokens import ALL_ACCOUNTS, MAX_ACCOUNTS, SCOPES, TokenRow
from pivot_debug_cli.connection import Deployment, StackOption, account_id
from pivot_debug_cli.failures import CommandError
from pivot_debug_cli.output import as_json, note, table

GATEWAY_CACHE_SECONDS = 60
"""How long API Gateway reuses a decision about a token: ReauthorizeEvery in template.yaml."""

app = typer.Typer(no_args_is_help=True, help="Make, list and revoke access tokens.")


@app.command()
def create(
    *,
    account_ids: Annotated[
        list[str] | None, typer.Argument(metavar="ACCOUNT_ID", help="Accounts that the token may use.")
    ] = None,
    all_accounts: Annotated[bool, typer.Option("--all-accounts", help="Every account, now and later.")] = False,
    scopes: Annotated[str, typer.Option(help=f"What it may do, with commas between: {', '.join(SCOPES)}.")] = SCOPES[0],
    name: Annotated[str, typer.Option(help="Whose it is or what it is for; shown by token list.")] = "",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires. [default: never]")] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(min=1, max=60_000, help="Its own limit, in place of the deployment's.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    stack: StackOption = None,
) -> None:
    """Make a token. It is shown this once and never again.

    The token alone goes to stdout, what it may do to stderr: export AUTH_TOKEN=$(pivot-debug token create ...) works.
    """
    accounts = _accounts(account_ids or [], all_accounts=all_accounts)
    token, row = tokens.new_token(
        name=name,
        accounts=accounts,
        scopes=_scopes(scopes),
        now=_now(),
        lifetime_days=days,
        requests_per_minute=requests_per_minute,
    )
    Deployment(stack=stack).tokens().add(row)
    if json_output:
        as_json({"token": token, **_created(row)})
    else:
        _show(token, row)


@app.command(name="list")
def list_tokens(
    *,
    account: Annotated[
        str | None, typer.Option(metavar="ACCOUNT_ID", help="Only tokens that may use this account.")
    ] = None,
    json_output: Annotated[bool, typer.Option("--json", help="Print a JSON list instead.")] = False,
    stack: StackOption = None,
) -> None:
    """List the tokens, newest first. Expired ones vanish within days of their expiry."""
    wanted = account_id(account) if account else None
    rows = [row for row in Deployment(stack=stack).tokens().all() if _reaches(row, wanted)]
    now = _now()
    if json_output:
        as_json([_described(row, now) for row in rows])
    elif rows:
        table(
            ("ID", "NAME", "ACCOUNTS", "SCOPES", "CREATED", "EXPIRES", "STATE", "LAST 4"),
            [_cells(row, now) for row in rows],
        )
    else:
        note("no tokens yet: make one with pivot-debug token create ACCOUNT_ID")


@app.command()
def revoke(
    *,
    token_id: Annotated[str, typer.Argument(metavar="TOKEN_ID", help="Its id, from token list, or the token itself.")],
    stack: StackOption = None,
) -> None:
    """Revoke a token, for good."""
    wanted = _id_of(token_id)
    if not Deployment(stack=stack).tokens().revoke(wanted, _now()):
        raise CommandError(f"no token has the id {wanted}: see pivot-debug token list")
    typer.echo(
        f"Revoked {wanted}. It works on for {GATEWAY_CACHE_SECONDS} seconds at most: "
        "API Gateway reuses its last decision about a token that long."
    )


def _accounts(account_ids: list[str], *, all_accounts: bool) -> tuple[str, ...]:
    if all_accounts and account_ids:
        raise CommandError("give either account ids or --all-accounts")
    if all_accounts:
        return (ALL_ACCOUNTS,)
    accounts = tuple(dict.fromkeys(map(account_id, account_ids)))
    if not accounts:
        raise CommandError("which accounts may the token use? Give their ids, or --all-accounts")
    if len(accounts) > MAX_ACCOUNTS:
        raise CommandError(f"a token lists at most {MAX_ACCOUNTS} accounts: make several, or use --all-accounts")
    return accounts


def _scopes(text: str) -> tuple[str, ...]:
    scopes = tuple(dict.fromkeys(scope.strip() for scope in text.split(",")))
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown:
        raise CommandError(f"{unknown[0]!r} is not a scope: there are {' and '.join(SCOPES)}")
    return scopes


def _id_of(text: str) -> str:
    """The id in a token or an id. The secret half of a token goes no further, not even into a message."""
    if not tokens.is_opaque(text):
        if not text:
            raise CommandError("which token? Give its id: see pivot-debug token list")
        return text
    try:
        return tokens.split(text)[0]
    except InvalidTokenError:
        raise CommandError("this is not a whole token: give its id instead, see pivot-debug token list") from None


def _reaches(row: TokenRow, account: str | None) -> bool:
    return account is None or account in row.accounts or ALL_ACCOUNTS in row.accounts


def _state(row: TokenRow, now: int) -> str:
    if row.revoked_at is not None:
        return "revoked"
    return "expired" if row.expires_at is not None and row.expires_at <= now else "active"


def _show(token: str, row: TokenRow) -> None:
    note("this token is shown once; keep it as a password")
    typer.echo(token)
    where = "every account" if row.accounts == (ALL_ACCOUNTS,) else ", ".join(row.accounts)
    until = f"until {_iso(row.expires_at)}" if row.expires_at else "until it is revoked"
    note(f"{row.token_id} may use {', '.join(row.scopes)} on {where}, {until}")


def _created(row: TokenRow) -> dict[str, Any]:
    return {
        "token_id": row.token_id,
        "accounts": list(row.accounts),
        "scopes": list(row.scopes),
        **({"expires": _iso(row.expires_at)} if row.expires_at else {}),
        **({"requests_per_minute": row.requests_per_minute} if row.requests_per_minute else {}),
    }


def _described(row: TokenRow, now: int) -> dict[str, Any]:
    return {
        **_created(row),
        "name": row.name,
        "created": _iso(row.created),
        **({"revoked": _iso(row.revoked_at)} if row.revoked_at else {}),
        "state": _state(row, now),
        "last_four": row.last_four,
    }


def _cells(row: TokenRow, now: int) -> tuple[str, ...]:
    return (
        row.token_id,
        row.name,
        "all" if ALL_ACCOUNTS in row.accounts else "\n".join(row.accounts),
        "\n".join(row.scopes),
        _iso(row.created)[:10],
        _iso(row.expires_at)[:10] if row.expires_at else "never",
        _state(row, now),
        row.last_four,
    )


def _now() -> int:
    return clock.now_ms() // 1000


def _iso(seconds: int) -> str:
    return clock.iso(seconds * 1000)
