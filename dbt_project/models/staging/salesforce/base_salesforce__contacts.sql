-- Salesforce's contacts, typed. Grain: one row per row of raw_salesforce.contacts, fit or not.
{{ config(materialized='difference', key=['record_key'], announces="'salesforce:contact:' || contact_id") }}

with raw as materialized (
    {{ raw_stream('salesforce', 'contacts') }}
),

{{ typed_rows([
    {'name': 'contact_id', 'path': 'Id', 'type': 'id', 'required': true},
    {'name': 'given_name', 'path': 'FirstName'},
    {'name': 'family_name', 'path': 'LastName'},
    {'name': 'former_family_name', 'path': 'Former_Last_Name__c'},
    {'name': 'email', 'path': 'Email'},
    {'name': 'phone', 'path': 'Phone'},
    {'name': 'mobile_phone', 'path': 'MobilePhone'},
    {'name': 'street', 'path': 'MailingStreet'},
    {'name': 'city', 'path': 'MailingCity'},
    {'name': 'region', 'path': 'MailingState'},
    {'name': 'postcode', 'path': 'MailingPostalCode', 'type': 'id'},
    {'name': 'country', 'path': 'MailingCountry'},
    {'name': 'birth_date', 'path': 'Birthdate', 'type': 'birth_date'},
    {'name': 'instagram_handle', 'path': 'Instagram_Handle__c'},
    {'name': 'x_handle', 'path': 'X_Handle__c'},
    {'name': 'shopify_customer_id', 'path': 'Shopify_Customer_Id__c', 'type': 'gid'},
    {'name': 'loyalty_number', 'path': 'Loyalty_Number__c', 'type': 'id'},
    {'name': 'email_opt_out', 'path': 'HasOptedOutOfEmail', 'type': 'boolean'},
    {'name': 'do_not_call', 'path': 'DoNotCall', 'type': 'boolean'},
    {'name': 'lead_source', 'path': 'LeadSource'},
    {'name': 'is_deleted', 'path': 'IsDeleted', 'type': 'boolean'},
    {'name': 'created_at', 'path': 'CreatedDate', 'type': 'timestamp'},
    {'name': 'updated_at', 'path': 'SystemModstamp', 'type': 'timestamp'},
]) }}

select * from typed
