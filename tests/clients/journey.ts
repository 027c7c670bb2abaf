// The main job of a member as a front end would write it, with nothing but the generated types:
// sign in, find, book, be refused, take an alternative, move, cancel, read the inbox.

import createClient from "openapi-fetch";
import type { components, paths } from "./generated/masaha.d.ts";

type Booking = components["schemas"]["Booking"];

declare const process: { argv: string[] };
const [address, email, password, space, organisation, from, to] = process.argv.slice(2);
if (!address || !email || !password || !space || !organisation || !from || !to) {
  throw new Error("address, email, password, space, organisation, from and to");
}

const visitor = createClient<paths>({ baseUrl: address });
const signedIn = await visitor.POST("/v1/auth/token", {
  body: { grant_type: "password", email, password },
});
if (signedIn.error) throw new Error(signedIn.error.code);
const client = createClient<paths>({
  baseUrl: address,
  headers: { Authorization: `Bearer ${signedIn.data.access_token}`, "Accept-Language": "en" },
});

const key = () => ({ "Idempotency-Key": crypto.randomUUID() });
const version = (of: { version: number }) => ({ "If-Match": `"${of.version}"` });
const hoursAfter = (instant: string, hours: number) =>
  new Date(Date.parse(instant) + hours * 3_600_000).toISOString();

const found = await client.GET("/v1/availability", {
  params: { query: { from, to, space_id: space, duration_minutes: 180 } },
});
if (found.error) throw new Error(found.error.code);
const free = found.data.items[0]?.free[0];
if (!free) throw new Error("nothing is free");

const wanted = {
  space_id: space,
  organisation_id: organisation,
  starts_at: free.starts_at,
  ends_at: hoursAfter(free.starts_at, 1),
  title: "Planning",
  purpose: "meeting",
} as const;
const booked = await client.POST("/v1/bookings", { params: { header: key() }, body: wanted });
if (booked.error) throw new Error(booked.error.code);

const refused = await client.POST("/v1/bookings", { params: { header: key() }, body: wanted });
if (refused.error?.code !== "bookings.space_taken") throw new Error("the time was taken twice");
const alternative = refused.error.alternatives?.[0];
if (!alternative) throw new Error("no alternative is offered");
console.log(`instead: ${alternative.space_name.en ?? alternative.space_name.ar}`);

const second = await client.POST("/v1/bookings", {
  params: { header: key() },
  body: {
    ...wanted,
    space_id: alternative.space_id,
    starts_at: alternative.starts_at,
    ends_at: alternative.ends_at,
  },
});
if (second.error) throw new Error(second.error.code);

const moved = await client.PATCH("/v1/bookings/{booking_id}", {
  params: { path: { booking_id: booked.data.id }, header: version(booked.data) },
  body: { starts_at: hoursAfter(free.starts_at, 2), ends_at: hoursAfter(free.starts_at, 3) },
});
if (moved.error) {
  const said = moved.error.errors?.map((fault) => `${fault.pointer}: ${fault.detail}`) ?? [];
  throw new Error([moved.error.code, ...said].join(" "));
}

const cancel = async (booking: Booking) => {
  const cancelled = await client.POST("/v1/bookings/{booking_id}/cancel", {
    params: { path: { booking_id: booking.id }, header: version(booking) },
    body: { reason: "The journey is over" },
  });
  if (cancelled.error) throw new Error(cancelled.error.code);
  return cancelled.data.status;
};
console.log(`cancelled: ${await cancel(moved.data)}, ${await cancel(second.data)}`);

const inbox = await client.GET("/v1/inbox", { params: { query: { state: "unread", limit: 5 } } });
if (inbox.error) throw new Error(inbox.error.code);
console.log(`unread: ${inbox.data.unread}, of ${inbox.data.items.length} the first is:`);
console.log(inbox.data.items[0]?.title ?? "none yet");
