"""The part of the Admin GraphQL schema (2026-07) that the look-alike speaks.

Names, types and arguments after shopify.dev/docs/api/admin-graphql. Returns have no root connection there: they are
reached through `Order.returns`, or by their id through `node`.
"""

from __future__ import annotations

from typing import Final

from graphql import GraphQLSchema, build_schema

_CONNECTIONS: Final = (
    "Customer",
    "Order",
    "AbandonedCheckout",
    "AbandonedCheckoutLineItem",
    "Product",
    "ProductVariant",
    "LineItem",
    "FulfillmentOrder",
    "Return",
)

_TYPES: Final = """
scalar DateTime
scalar Decimal
scalar Money
scalar UnsignedInt64
scalar URL

type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
type MoneyV2 { amount: Decimal! currencyCode: String! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }

interface Node { id: ID! }

type QueryRoot {
  shop: Shop!
  node(id: ID!): Node
  customers(first: Int, after: String, last: Int, before: String, reverse: Boolean = false, query: String,
    sortKey: CustomerSortKeys = ID): CustomerConnection!
  orders(first: Int, after: String, last: Int, before: String, reverse: Boolean = false, query: String,
    sortKey: OrderSortKeys = PROCESSED_AT): OrderConnection!
  abandonedCheckouts(first: Int, after: String, last: Int, before: String, reverse: Boolean = false, query: String,
    sortKey: AbandonedCheckoutSortKeys = ID): AbandonedCheckoutConnection!
  products(first: Int, after: String, last: Int, before: String, reverse: Boolean = false, query: String,
    sortKey: ProductSortKeys = ID): ProductConnection!
}

type Shop { id: ID! name: String! myshopifyDomain: String! currencyCode: String! ianaTimezone: String! }

enum CustomerSortKeys { CREATED_AT ID LOCATION NAME RELEVANCE UPDATED_AT }
enum OrderSortKeys { CREATED_AT CURRENT_TOTAL_PRICE CUSTOMER_NAME DESTINATION FINANCIAL_STATUS FULFILLMENT_STATUS ID
  ORDER_NUMBER PO_NUMBER PROCESSED_AT RELEVANCE TOTAL_ITEMS_QUANTITY TOTAL_PRICE UPDATED_AT }
enum AbandonedCheckoutSortKeys { CHECKOUT_ID CREATED_AT CUSTOMER_NAME ID RELEVANCE TOTAL_PRICE }
enum ProductSortKeys { CREATED_AT ID INVENTORY_TOTAL PRODUCT_TYPE PUBLISHED_AT RELEVANCE TITLE UPDATED_AT VENDOR }
enum CustomerEmailAddressMarketingState { INVALID NOT_SUBSCRIBED PENDING SUBSCRIBED UNSUBSCRIBED }
enum CustomerSmsMarketingState { NOT_SUBSCRIBED PENDING REDACTED SUBSCRIBED UNSUBSCRIBED }
enum OrderDisplayFinancialStatus { AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED }
enum OrderDisplayFulfillmentStatus { FULFILLED IN_PROGRESS ON_HOLD OPEN PARTIALLY_FULFILLED PENDING_FULFILLMENT
  REQUEST_DECLINED RESTOCKED SCHEDULED UNFULFILLED }
enum DeliveryMethodType { LOCAL NONE PICKUP_POINT PICK_UP RETAIL SHIPPING }
enum FulfillmentStatus { CANCELLED ERROR FAILURE SUCCESS }
enum ReturnStatus { CANCELED CLOSED DECLINED OPEN REQUESTED }
enum ReturnReason { COLOR DEFECTIVE NOT_AS_DESCRIBED OTHER SIZE_TOO_LARGE SIZE_TOO_SMALL STYLE UNKNOWN UNWANTED
  WRONG_ITEM }

type CustomerEmailAddress { emailAddress: String! marketingState: CustomerEmailAddressMarketingState! }
type CustomerPhoneNumber { phoneNumber: String! marketingState: CustomerSmsMarketingState! }
type MailingAddress { address1: String address2: String city: String province: String provinceCode: String zip: String
  country: String countryCodeV2: String phone: String firstName: String lastName: String name: String company: String }

type Customer implements Node {
  id: ID! legacyResourceId: UnsignedInt64! firstName: String lastName: String displayName: String!
  email: String phone: String
  defaultEmailAddress: CustomerEmailAddress defaultPhoneNumber: CustomerPhoneNumber
  verifiedEmail: Boolean! locale: String! tags: [String!]! note: String state: String!
  numberOfOrders: UnsignedInt64! amountSpent: MoneyV2!
  createdAt: DateTime! updatedAt: DateTime! defaultAddress: MailingAddress
}

type ChannelDefinition { id: ID! handle: String! channelName: String! subChannelName: String! }
type ChannelInformation { id: ID! channelId: ID! channelDefinition: ChannelDefinition }
type Location { id: ID! name: String! }
type DeliveryMethod { id: ID! methodType: DeliveryMethodType! }
type FulfillmentOrderAssignedLocation { name: String! }
type FulfillmentOrder { id: ID! status: String! deliveryMethod: DeliveryMethod
  assignedLocation: FulfillmentOrderAssignedLocation! }
type Fulfillment { id: ID! createdAt: DateTime! updatedAt: DateTime! deliveredAt: DateTime status: FulfillmentStatus! }
type LineItem {
  id: ID! title: String! name: String! sku: String quantity: Int! currentQuantity: Int! vendor: String
  product: Product originalUnitPriceSet: MoneyBag! discountedUnitPriceSet: MoneyBag!
}

type Order implements Node {
  id: ID! legacyResourceId: UnsignedInt64! name: String!
  createdAt: DateTime! updatedAt: DateTime! processedAt: DateTime! cancelledAt: DateTime closedAt: DateTime
  email: String phone: String sourceName: String channelInformation: ChannelInformation customer: Customer
  displayFinancialStatus: OrderDisplayFinancialStatus displayFulfillmentStatus: OrderDisplayFulfillmentStatus!
  currencyCode: String! test: Boolean! tags: [String!]! note: String
  totalPriceSet: MoneyBag! currentTotalPriceSet: MoneyBag! totalDiscountsSet: MoneyBag
  discountCode: String discountCodes: [String!]! retailLocation: Location
  fulfillmentOrders(first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    query: String): FulfillmentOrderConnection!
  fulfillments(first: Int): [Fulfillment!]!
  lineItems(first: Int, after: String, last: Int, before: String, reverse: Boolean = false): LineItemConnection!
  returns(first: Int, after: String, last: Int, before: String, reverse: Boolean = false,
    query: String): ReturnConnection!
}

interface ReturnLineItemType { id: ID! quantity: Int! returnReason: ReturnReason! returnReasonNote: String! }
type ReturnLineItem implements ReturnLineItemType { id: ID! quantity: Int! returnReason: ReturnReason!
  returnReasonNote: String! customerNote: String }
type ReturnLineItemTypeEdge { cursor: String! node: ReturnLineItemType! }
type ReturnLineItemTypeConnection { edges: [ReturnLineItemTypeEdge!]! nodes: [ReturnLineItemType!]!
  pageInfo: PageInfo! }
type Return implements Node {
  id: ID! name: String! status: ReturnStatus! totalQuantity: Int! createdAt: DateTime! closedAt: DateTime
  requestApprovedAt: DateTime order: Order!
  returnLineItems(first: Int, after: String, last: Int, before: String,
    reverse: Boolean = false): ReturnLineItemTypeConnection!
}

type AbandonedCheckoutLineItem { id: ID! title: String quantity: Int! sku: String product: Product
  originalUnitPriceSet: MoneyBag! }
type AbandonedCheckout implements Node {
  id: ID! name: String! createdAt: DateTime! updatedAt: DateTime! completedAt: DateTime abandonedCheckoutUrl: URL!
  customer: Customer totalPriceSet: MoneyBag!
  lineItems(first: Int, after: String, last: Int, before: String,
    reverse: Boolean = false): AbandonedCheckoutLineItemConnection!
}

type ProductVariant { id: ID! legacyResourceId: UnsignedInt64! title: String! sku: String price: Money! }
type Product implements Node {
  id: ID! legacyResourceId: UnsignedInt64! title: String! handle: String! productType: String! vendor: String!
  status: String! tags: [String!]! createdAt: DateTime! updatedAt: DateTime!
  variants(first: Int, after: String, last: Int, before: String, reverse: Boolean = false): ProductVariantConnection!
}

schema { query: QueryRoot }
"""


def build() -> GraphQLSchema:
    """The schema, with an edge and a connection type for each listed object."""
    connections = "\n".join(
        f"type {name}Edge {{ cursor: String! node: {name}! }}\n"
        f"type {name}Connection {{ edges: [{name}Edge!]! nodes: [{name}!]! pageInfo: PageInfo! }}"
        for name in _CONNECTIONS
    )
    return build_schema(_TYPES + connections)
