"""What people call the columns of a table of people, in English, German, French, Spanish, Italian, Dutch, Portuguese.

Words are written without accents, spaces and signs: `Date de naissance` is `datedenaissance`.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIELD_WORDS: Final[dict[str, frozenset[str]]] = {
    "given_name": _words(
        "firstname firstnames givenname givennames forename forenames christianname fname first given gname prename "
        "firstnm fstname frstname givennm gvnname vorname vornamen rufname prenom prenoms nombres nombredepila "
        "primernombre nomeproprio primeironome "
        "voornaam voornamen roepnaam nomedibattesimo"
    ),
    "middle_name": _words(
        "middlename middlenames middleinitial middleinit midname midlname midinit minit middle mname secondname "
        "othername othernames othergivennames "
        "secondgivenname zweitervorname zweitername deuxiemeprenom segundonombre secondonome tweedenaam nomedomeio"
    ),
    "family_name": _words(
        "surname surnames surnm lastnm lstname lastname lastnames familyname familynames lname last family nachname "
        "familienname zuname "
        "nomdefamille nomfamille patronyme apellido apellidos primerapellido apellidopaterno cognome cognomi "
        "achternaam familienaam sobrenome sobrenomes apelido apelidos ultimonome"
    ),
    "second_family_name": _words("segundoapellido apellidomaterno segundoapelido"),
    "family_prefix": _words("tussenvoegsel voorvoegsel voorvoegsels namensvorsatz"),
    "former_family_names": _words(
        "maidenname maidensurname birthname birthsurname formername formernames formerlastname formersurname "
        "formerfamilyname formerfamilynames previousname previousnames previouslastname previoussurname neename nee "
        "maiden surname2 lastname2 familyname2 geburtsname madchenname maedchenname nomdejeunefille nomdenaissance "
        "apellidodesoltera cognomedanubile cognomedinascita meisjesnaam geboortenaam nomedesolteira nomedesolteiro"
    ),
    "full_name": _words(
        "fullname fullnames displayname completename wholename vollername vollstandigername nomcomplet nometprenom "
        "nomprenom prenometnom prenomnom nombrecompleto nombreyapellidos nombreyapellido apellidosynombre "
        "nomecompleto nomeecognome cognomeenome nominativo volledigenaam namevorname vornamename vornachname "
        "lastnamefirstname lastfirst firstlast namefull anzeigename nomaffiche nomdaffichage nombremostrado "
        "nombreparamostrar nomevisualizzato weergavenaam nomedeexibicao kundenname kontaktname ansprechpartner "
        "contactperson contactpersoon titulaire intestatario"
    ),
    # One word for a whole name, a given one or a family name; the other columns decide.
    "name": _words("name names naam nom nombre nome namen"),
    "emails": _words(
        "email emails mail mails emailaddress emailaddresses emailaddr emailadresse emailadres mailadresse mailaddress "
        "adressemail adresseemail courriel adresseelectronique correo correoelectronico direcciondecorreo "
        "direcciondecorreoelectronico postaelettronica indirizzoemail enderecodeemail enderecoemail emailid"
    ),
    "phones": _words(
        "phno mobno mobilephoneno cellno contactno contactnumber phone phones telephone telephones phonenumber "
        "phonenumbers phoneno telephonenumber telno telnr mobile "
        "mobiles mobilephone mobilenumber mobileno cell cellphone cellular tel fax faxnumber faxno msisdn landline "
        "telefon telefonnummer telefonnr handy handynummer mobil mobilnummer mobiltelefon rufnummer festnetz "
        "portable numerodetelephone numerotelephone telephonemobile telephonefixe telephoneportable telefono "
        "telefonos movil celular numerodetelefono telefonomovil telefonofijo cellulare telefonino numeroditelefono "
        "telefoon telefoonnummer mobiel mobielnummer gsm gsmnummer telefone telefones telemovel numerodetelefone "
        "whatsapp"
    ),
    "handles": _words(
        "handle handles username usernames screenname login loginname userlogin twitter instagram insta tiktok "
        "facebook linkedin github telegram skype snapchat mastodon bluesky benutzername nomdutilisateur "
        "nomutilisateur pseudo usuario nombredeusuario nomeutente gebruikersnaam nomedeusuario nickname nicknames"
    ),
    "national_id": _words(
        "natid ninumber nationalinsurancenumber aadhaar aadhaarno ssn socialsecuritynumber socialsecurity "
        "socialsecurityno socialsecurityid socsec socsecid socsecno nationalid "
        "nationalidnumber nationalno nationalnumber taxid taxnumber taxno tin passport passportno passportnumber "
        "passportid nhs nhsno nhsnumber nino insurancenumber insuranceno insuranceid licence license licenceno "
        "licenseno licencenumber licensenumber driverslicense driverslicence drivinglicence driverlicense "
        "driverslicensenumber steuerid steuernummer sozialversicherungsnummer svnr reisepass reisepassnummer "
        "personalausweisnummer ausweisnummer numerodesecuritesociale securitesociale nir passeport numeropasseport dni "
        "nif nie pasaporte numerodepasaporte codicefiscale passaporto bsn burgerservicenummer paspoortnummer "
        "rijksregisternummer cpf loyaltynumber loyaltyno loyaltyid loyaltycard loyaltycardnumber membershipnumber "
        "membershipno membernumber memberno kundenkartennummer"
    ),
    "street_number": _words(
        "streetnumber streetno streetnr streetnum housenumber houseno housenr housenum buildingnumber buildingno "
        "hausnummer hausnr hnr numerorue numerovoie numerodevoie numerodecasa numerocivico civico huisnummer huisnr "
        "numerodaporta numeroporta"
    ),
    "street": _words(
        "street streets streetname streetaddress address1 addressline addressline1 addr1 addrline1 street1 streetline1 "
        "road strasse str strassenname strassehausnummer strasseundhausnummer strassehausnr rue voie nomdevoie "
        "calle via straat straatnaam rua logradouro adresse1 direccion1 indirizzo1 adres1"
    ),
    # A street line, or a whole address in one column; its values decide.
    "address": _words(
        "address addresses addr fulladdress completeaddress postaladdress addressfull adresse adressecomplete "
        "adressepostale anschrift postanschrift direccion direccioncompleta direccionpostal domicilio indirizzo "
        "indirizzocompleto adres volledigadres morada endereco enderecocompleto addresstext location"
    ),
    "street_more": _words(
        "address2 address3 address4 addressline2 addressline3 addr2 addr3 addrline2 street2 streetline2 unit "
        "unitnumber apt aptno apartment apartmentnumber suite flat flatnumber suburb adresszusatz adresse2 "
        "complementadresse complementdadresse complement direccion2 piso interno indirizzo2 adres2 toevoeging "
        "huisnummertoevoeging complemento"
    ),
    "city": _words(
        "city cityname town locality municipality ort stadt place wohnort gemeinde ville commune localite ciudad "
        "localidad municipio poblacion citta comune localita plaats woonplaats stad gemeente cidade localidade"
    ),
    "region": _words(
        "state statecode stateprovince province county region bundesland kanton departement provincia estado "
        "comunidadautonoma regione provincie distrito"
    ),
    "postcode": _words(
        "pincode eircode postcode postcodes postalcode zip zipcode zippostalcode postalzip plz postleitzahl "
        "codepostal cp codigopostal "
        "cap codicepostale cep"
    ),
    "country": _words(
        "country countrycode countryname countryiso land landcode staat nation pays codepays pais paese nazione"
    ),
    "birth_date": _words(
        "dtofbirth dobdt dob dateofbirth birthdate birthdt birthday bday bornon born datebirth geburtsdatum "
        "geburtstag geboren "
        "geborenam gebdatum gebdat gebdate datedenaissance datenaissance naissance neele datenaiss fechadenacimiento "
        "fechanacimiento nacimiento fechanac datadinascita datanascita natoil geboortedatum gebdtm "
        "datadenascimento datanascimento nascimento datanasc"
    ),
    "birth_year": _words(
        "birthyear byear yearofbirth yob geburtsjahr anneedenaissance anneenaissance anodenacimiento annodinascita "
        "geboortejaar anodenascimento dobyear dobyyyy"
    ),
    "birth_month": _words(
        "birthmonth bmonth bm monthofbirth mob geburtsmonat moisdenaissance mesdenacimiento mesedinascita "
        "geboortemaand mesdenascimento dobmonth dobmm"
    ),
    "birth_day": _words(
        "bd birthdayofmonth dayofbirth bdayofmonth jourdenaissance diadenacimiento giornodinascita geboortedag "
        "diadenascimento dobday dobdd"
    ),
    "birth_place": _words(
        "birthplace placeofbirth birthcity cityofbirth bornin geburtsort lieudenaissance lieunaissance "
        "lugardenacimiento lugarnacimiento luogodinascita luogonascita geboorteplaats localdenascimento naturalidade"
    ),
    "occupation": _words(
        "occupation job jobtitle jobname profession beruf berufsbezeichnung metier profesion ocupacion professione "
        "beroep functie profissao ocupacao"
    ),
    "organisation": _words(
        "organisation organization organisationname organizationname company companyname employer employername firma "
        "firmenname unternehmen societe entreprise employeur empresa nombreempresa compania azienda ditta bedrijf "
        "bedrijfsnaam organisatie organizacion organizzazione organizacao business businessname"
    ),
    "language": _words("language lang locale sprache langue idioma lingua taal languagecode preferredlanguage"),
    "source": _words(
        "source system sourcesystem sourcename sourcedataset sourceid datasource quelle quellsystem origine fuente "
        "sistema fonte bron bronsysteem"
    ),
    # Recognised so that they are not taken for something else.
    "title": _words(
        "title titles honorific honorificprefix nameprefix prefix salutation anrede titel civilite tratamiento titulo "
        "titolo aanhef tratamento appellation formofaddress"
    ),
    "suffix": _words("suffix namesuffix honorificsuffix generation generationsuffix"),
    "gender": _words("gender sex geschlecht sexe sexo genero sesso genere geslacht"),
}  # fmt: skip

QUALIFIERS: Final = _words(
    "customer cust client contact user member patient person people buyer guest subscriber account billing bill "
    "shipping ship delivery mailing postal home work private business personal primary main default preferred current "
    "other alternate alternative alt secondary residential legal official invoice recipient student employee staff "
    "donor holder cardholder owner insured applicant voter passenger traveller lead crm shop erp "
    "kunde kunden kundin mitglied privat geschaftlich rechnung rechnungs liefer lieferung "
    "client clients du de la le del della do da den der die das el al van dell d l of the your my "
    "cliente clienti persona socio usuario utente klant klanten lid personne adherent facturation livraison "
    "facturacion envio fatturazione spedizione prive personal principal principale "
    "res residence desc nm clean cleaned raw std standardised standardized norm normalised normalized txt text "
    "str string value val col "
    "field full original orig fake masked t dim stg"
)
"""Words around a field's own that change nothing about what the column holds."""

NOT_THE_PERSON: Final = _words(
    "emergency spouse partner mother father parent parents guardian kin sibling child children relative referrer "
    "referral referred manager agent doctor physician gp advisor adviser salesperson salesrep rep representative "
    "creator createdby updatedby modifiedby assignee approver mutter vater ehepartner notfall conjoint mere pere "
    "conyuge madre padre coniuge moeder vader partnernaam mae pai conjuge"
)
"""Words that make a column about somebody else than the row's person."""

ABOUT_THE_VALUE: Final = _words(
    "consent optin optout opt subscribed unsubscribed verified status valid validated type kind count number_of sent "
    "opened clicked bounce bounced hash hashed sha md5 created updated modified registered signup joined expires "
    "expiry flag domain provider score quality source_of has is allowed marketing newsletter preference"
)
"""Words that make a column about a value, not the value itself."""

PLATFORMS: Final = _words(
    "twitter x instagram insta tiktok facebook linkedin github telegram skype snapchat mastodon bluesky whatsapp"
)
ID_KINDS: Final[dict[str, frozenset[str]]] = {
    "social_security": _words("ssn social soc socialsecurity sozialversicherungsnummer svnr securite nir nino"),
    "passport": _words("passport reisepass reisepassnummer passeport pasaporte passaporto paspoort"),
    "tax": _words("tax tin steuer nif codice fiscale cpf codicefiscale steuerid steuernummer"),
    "health": _words("nhs"),
    "licence": _words("licence license driver drivers driving"),
    "insurance": _words("insurance"),
    "loyalty": _words("loyalty membership member kundenkarte kundenkartennummer"),
}
ID_NAMES: Final = (
    "unique_id", "id", "record_id", "row_id", "recordid", "rowid", "uid", "uuid", "guid", "rec_id", "key", "pk",
    "person_id", "customer_id", "contact_id", "user_id", "client_id", "member_id", "patient_id", "account_id",
    "customer_no", "customer_number", "kundennummer", "kundennr", "kunden_id", "numero_client", "id_client",
    "id_cliente", "klantnummer", "klant_id", "codigo_cliente", "codice_cliente",
)  # fmt: skip
"""Names under which a table tells its rows apart, the surest first."""
