-- Shopify's customers, typed. Grain: one row per row of raw_shopify.customers, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'shopify:customer:' || shopify_customer_id") }}

with raw as materialized (
    {{ raw_stream('shopify', 'customers') }}
),

{{ typed_rows([
    {'name': 'shopify_customer_id', 'path': 'legacyResourceId', 'type': 'gid', 'required': true},
    {'name': 'given_name', 'path': 'firstName'},
    {'name': 'family_name', 'path': 'lastName'},
    {'name': 'email', 'path': 'defaultEmailAddress.emailAddress'},
    {'name': 'email_marketing_state', 'path': 'defaultEmailAddress.marketingState'},
    {'name': 'phone', 'path': 'defaultPhoneNumber.phoneNumber'},
    {'name': 'sms_marketing_state', 'path': 'defaultPhoneNumber.marketingState'},
    {'name': 'verified_email', 'path': 'verifiedEmail', 'type': 'boolean'},
    {'name': 'street_line_1', 'path': 'defaultAddress.address1'},
    {'name': 'street_line_2', 'path': 'defaultAddress.address2'},
    {'name': 'city', 'path': 'defaultAddress.city'},
    {'name': 'region', 'path': 'defaultAddress.province'},
    {'name': 'postcode', 'path': 'defaultAddress.zip', 'type': 'id'},
    {'name': 'country', 'path': 'defaultAddress.countryCodeV2'},
    {'name': 'locale', 'path': 'locale'},
    {'name': 'tags', 'path': 'tags', 'type': 'texts'},
    {'name': 'created_at', 'path': 'createdAt', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': 'updatedAt', 'type': 'timestamp'},
]) }}

select * from typed
