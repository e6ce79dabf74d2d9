-- People from files, typed. Grain: one row per row of raw_files.people, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="source || ':' || entity || ':' || native_id") }}

with raw as materialized (
    {{ raw_stream('files', 'people') }}
),

{{ typed_rows([
    {'name': 'source', 'path': 'source', 'required': true},
    {'name': 'entity', 'path': 'entity', 'required': true},
    {'name': 'native_id', 'path': 'native_id', 'type': 'id', 'required': true},
    {'name': 'stream', 'path': 'stream'},
    {'name': 'full_name', 'path': 'full_name'},
    {'name': 'given_name', 'path': 'given_name'},
    {'name': 'family_name', 'path': 'family_name'},
    {'name': 'former_family_names', 'path': 'former_family_names', 'type': 'texts'},
    {'name': 'emails', 'path': 'emails', 'type': 'texts'},
    {'name': 'phones', 'path': 'phones', 'type': 'ids'},
    {'name': 'handles', 'path': 'handles', 'type': 'texts'},
    {'name': 'external_ids', 'path': 'external_ids', 'type': 'texts'},
    {'name': 'street', 'path': 'street'},
    {'name': 'city', 'path': 'city'},
    {'name': 'region', 'path': 'region'},
    {'name': 'postcode', 'path': 'postcode', 'type': 'id'},
    {'name': 'country', 'path': 'country'},
    {'name': 'birth_date', 'path': 'birth_date', 'type': 'birth_date'},
    {'name': 'birth_place', 'path': 'birth_place'},
    {'name': 'occupation', 'path': 'occupation'},
    {'name': 'organisation', 'path': 'organisation'},
    {'name': 'language', 'path': 'language'},
    {'name': 'loyalty_number', 'path': 'loyalty_number', 'type': 'id'},
    {'name': 'loyalty_tier', 'path': 'loyalty_tier'},
    {'name': 'loyalty_points', 'path': 'loyalty_points', 'type': 'amount'},
    {'name': 'member_since', 'path': 'member_since', 'type': 'birth_date'},
    {'name': 'email_marketing_consent', 'path': 'email_marketing_consent', 'type': 'boolean'},
    {'name': 'sms_marketing_consent', 'path': 'sms_marketing_consent', 'type': 'boolean'},
    {'name': 'created_at', 'path': 'created_at', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': 'updated_at', 'type': 'timestamp'},
]) }}

select * from typed
