-- Calls that say who somebody is, typed: identify, alias, group.
-- Grain: one row per row of raw_events.identities, fit or not.
{{ config(materialized='table') }}

with raw as materialized (
    {{ raw_stream('events', 'identities') }}
),

{{ typed_rows([
    {'name': 'type', 'path': 'type', 'required': true, 'among': ['identify', 'alias', 'group']},
    {'name': 'occurred_at', 'path': 'timestamp', 'type': 'timestamp', 'required': true},
    {'name': 'user_id', 'path': 'userId', 'type': 'id'},
    {'name': 'anonymous_id', 'path': 'anonymousId', 'type': 'id'},
    {'name': 'previous_id', 'path': 'previousId', 'type': 'id'},
    {'name': 'group_id', 'path': 'groupId', 'type': 'id'},
    {'name': 'full_name', 'path': 'traits.name'},
    {'name': 'given_name', 'path': 'traits.firstName'},
    {'name': 'given_name_snake', 'path': 'traits.first_name'},
    {'name': 'family_name', 'path': 'traits.lastName'},
    {'name': 'family_name_snake', 'path': 'traits.last_name'},
    {'name': 'email', 'path': 'traits.email'},
    {'name': 'phone', 'path': 'traits.phone', 'type': 'id'},
    {'name': 'street', 'path': 'traits.address.street'},
    {'name': 'city', 'path': 'traits.address.city'},
    {'name': 'region', 'path': 'traits.address.state'},
    {'name': 'postcode', 'path': 'traits.address.postalCode', 'type': 'id'},
    {'name': 'country', 'path': 'traits.address.country'},
    {'name': 'birth_date', 'path': 'traits.birthday', 'type': 'birth_date'},
    {'name': 'occupation', 'path': 'traits.title'},
    {'name': 'company', 'path': 'traits.company', 'type': 'any'},
    {'name': 'created_at', 'path': 'traits.createdAt', 'type': 'timestamp'},
    {'name': 'created_at_snake', 'path': 'traits.created_at', 'type': 'timestamp'},
    {'name': 'email_opt_in', 'path': 'traits.emailOptIn', 'type': 'boolean'},
    {'name': 'email_opt_in_snake', 'path': 'traits.email_opt_in', 'type': 'boolean'},
    {'name': 'sms_opt_in', 'path': 'traits.smsOptIn', 'type': 'boolean'},
    {'name': 'sms_opt_in_snake', 'path': 'traits.sms_opt_in', 'type': 'boolean'},
    {'name': 'advertising_consent', 'path': 'context.consent.categoryPreferences.Advertising', 'type': 'boolean'},
    {'name': 'locale', 'path': 'context.locale'},
]) }}

select * from typed
