'''The JSON kit: what every API operation is given, so that a room's `api.py` holds only its own verbs.

A room declares a router, and `omnichannel/urls.py` names it in API_ROUTERS by string:

    router = Router(tags=["Locations"])

    @router.get("/v0/locations/{id}", permission=VIEW_LOCATIONS, scope=scopes.LOCATIONS_READ,
                response=LocationBody)
    def get_location(request: ApiRequest, id: str) -> FulfillmentLocation:
        """One location by its id or its store id."""
        return visible(request).get(code=id)

What the kit does around the function, in this order:

1. `middleware`  a request id, the size of the body (413).
2. `bearer`      token → `request.user`, 401 / 403 by family; permission and scope (403).
3. `idempotency` for POST, PUT, PATCH, DELETE: one durable transaction, repeated on a serialization
                 failure; `Idempotency-Key`; any answer of 400 or more rolls everything back.
                 `request.operation_key` names the act for the ledger and for jobs.
4. `parsing`     JSON without duplicate keys, NaN, depth; then pydantic, 422.
5. `errors`      ApiError, ActionError, Http404, … → the body of the path's family (CONTRACT §2).

Public names:

    routing      Router, OPEN, ApiRequest; Router.get(path, permission, scope, response),
                 .post/.put/.patch/.delete(…, key=REQUIRED, ledger=True, atomic=False)
    errors       ApiError(status, error_code, message, **extra), not_found(code, message)
    paging       Paging, Page[Item], page(request, rows, paging, as_item)
    moments      Moment: a datetime with or without zone (naive is UTC), aware in Python;
                 written as 2026-01-05T12:00:00.000Z wherever it stands in an answer
    schemas      Body (unknown fields are ignored), StrictBody (they are refused), Text(n), Number
    throttling   Limit(number, seconds): 429 with Retry-After

Whose rows: `request.user` and `Model.objects.visible_to(request.user)`, as on every page; what lies
outside is 404. A client of the API acts as a user of its own, whose stores are the client's.
'''
