import { addressFields, textFields } from './profile-document.ts';

/** The standard objects whose fields an object type can fill. */
export type StandardObject = 'asset' | 'case' | 'order' | 'profile';

const addressParts = [
  'Address1',
  'Address2',
  'Address3',
  'Address4',
  'City',
  'County',
  'State',
  'Province',
  'Country',
  'PostalCode',
] as const;

/** The members of structures, as `Address.City`. */
function within(structures: readonly string[], members: readonly string[]): string[] {
  return structures.flatMap((structure) => members.map((member) => `${structure}.${member}`));
}

/** Amazon's guide: the fields of the standard objects, besides `Attributes.<name>`. */
const fields: Readonly<Record<StandardObject, readonly string[]>> = {
  asset: [
    'AssetId',
    'AssetName',
    'SerialNumber',
    'ModelNumber',
    'ModelName',
    'ProductSKU',
    'PurchaseDate',
    'UsageEndDate',
    'Status',
    'Price',
    'Quantity',
    'Description',
    'AdditionalInformation',
    'DataSource',
  ],
  case: [
    'CaseId',
    'Title',
    'Summary',
    'Status',
    'Reason',
    'CreatedBy',
    'CreatedDate',
    'UpdatedDate',
    'ClosedDate',
    'AdditionalInformation',
    'DataSource',
  ],
  order: [
    'OrderId',
    'CustomerEmail',
    'CustomerPhone',
    'CreatedDate',
    'UpdatedDate',
    'ProcessedDate',
    'ClosedDate',
    'CancelledDate',
    'CancelReason',
    'Name',
    'AdditionalInformation',
    'Gateway',
    'Status',
    'StatusCode',
    'StatusUrl',
    'CreditCardNumber',
    'CreditCardCompany',
    'FulfillmentStatus',
    'TotalPrice',
    'TotalTax',
    'TotalDiscounts',
    'TotalItemsPrice',
    'TotalShippingPrice',
    'TotalTipReceived',
    'Currency',
    'TotalWeight',
    ...within(['BillingAddress', 'ShippingAddress'], ['Name', ...addressParts]),
    ...within(['OrderItems[]'], ['Title', 'Price', 'Quantity']),
  ],
  profile: [...textFields, ...within(addressFields, addressParts)],
};

const targets = new Set(
  Object.entries(fields).flatMap(([object, names]) => names.map((name) => `_${object}.${name}`)),
);

/** As long as the name of a profile's attribute may be. */
const ATTRIBUTE_NAME_MAX = 255;

/**
 * Whether a target names a field of a standard object: `_profile.Address.City`,
 * `_order.OrderItems[].Title`, `_asset.Attributes.colour`.
 */
export function isStandardField(target: string): boolean {
  if (targets.has(target)) return true;
  const [, name] = /^_(?:asset|case|order|profile)\.Attributes\.(.+)$/.exec(target) ?? [];
  return (
    name !== undefined &&
    name.length <= ATTRIBUTE_NAME_MAX &&
    // Amazon's guide: words of letters and digits with spaces, dashes or underscores between them.
    /^[a-zA-Z0-9]+(?:[ _-]+[a-zA-Z0-9]+)*$/.test(name)
  );
}
